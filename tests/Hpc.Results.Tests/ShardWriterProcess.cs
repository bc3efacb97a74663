using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Hpc.Results.Tests;

/// <summary>Turns this test program into a writer of shards when the environment asks for it, to be killed by a test.</summary>
internal static class ShardWriterProcess
{
    public const string FolderVariable = "HPC_TEST_SHARD_FOLDER";

    public const int ShardCount = 4;

    private static readonly ResultGroup[] Contents =
        [.. Enumerable.Range(0, ShardCount).Select(index => Samples.Shard(index, features: 30_000, taskHash: HashOf(index)))];

    public static string HashOf(int index) => $"5eed{index}";

    /// <summary>The content of a shard in the given round of writing.</summary>
    public static ResultGroup ContentOf(int index, int round)
    {
        var shard = Contents[index];
        return new([.. shard.Datasets, new("round", [], [], new[] { (long)round }, "1", "round of writing")], shard.Attributes);
    }

    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { } folder)
        {
            return;
        }

        var store = new ShardStore(folder);
        Directory.CreateDirectory(Path.Combine(folder, "shards"));
        // Ends by itself, should the test not live to kill it.
        var clock = Stopwatch.StartNew();
        for (var round = 0; clock.Elapsed < TimeSpan.FromSeconds(30); round++)
        {
            for (var index = 0; index < ShardCount; index++)
            {
                ResultFile.Write(store.PathOf(HashOf(index)), ContentOf(index, round));
                Console.WriteLine(index);
            }
        }

        Environment.Exit(0);
    }
}
