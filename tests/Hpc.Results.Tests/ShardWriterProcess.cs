using System.Runtime.CompilerServices;

namespace Hpc.Results.Tests;

/// <summary>Turns this test program into a writer of shards when the environment asks for it, to be killed by a test.</summary>
internal static class ShardWriterProcess
{
    public const string FolderVariable = "HPC_TEST_SHARD_FOLDER";

    public const int ShardCount = 8;

    public static string HashOf(int index) => $"5eed{index}";

    /// <summary>The content of a shard in the given round of writing.</summary>
    public static ResultGroup ContentOf(int index, int round)
    {
        var shard = Samples.Shard(index, features: 3000 + round % 50, taskHash: HashOf(index));
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
        for (var round = 0; ; round++)
        {
            for (var index = 0; index < ShardCount; index++)
            {
                store.Write(HashOf(index), ContentOf(index, round));
                Console.WriteLine(index);
            }
        }
    }
}
