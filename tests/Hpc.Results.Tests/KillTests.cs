using System.Diagnostics;

namespace Hpc.Results.Tests;

public class KillTests
{
    private const int Kills = 30;

    [Fact]
    public void AfterAKillEveryShardIsMissingOrWhole()
    {
        using var folder = new TemporaryFolder();
        var store = new ShardStore(folder.Path);
        var random = new Random(20260102);
        var interrupted = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var writer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
            {
                // Tiered compilation starts faster.
                Environment = { [ShardWriterProcess.FolderVariable] = folder.Path, ["DOTNET_TieredCompilation"] = "1" },
                RedirectStandardOutput = true,
            })!;
            Assert.NotNull(writer.StandardOutput.ReadLine());
            Thread.Sleep(random.Next(60));
            Assert.False(writer.HasExited);
            writer.Kill();
            writer.WaitForExit();

            for (var index = 0; index < ShardWriterProcess.ShardCount; index++)
            {
                var hash = ShardWriterProcess.HashOf(index);
                if (File.Exists(store.PathOf(hash)))
                {
                    var content = store.Read(hash);
                    Samples.AssertEqual(ShardWriterProcess.ContentOf(index, (int)content["round"].Integers[0]), content);
                }
            }

            interrupted += store.RemoveStaleTemporaries().Count;
            Assert.DoesNotContain(Directory.GetFiles(Path.Combine(folder.Path, "shards")), path => !path.EndsWith(".h5"));
        }

        // A writer is almost always within a write: kills that only ever fell between two would have tested nothing.
        Assert.True(interrupted > Kills / 4, $"{interrupted} of {Kills} kills interrupted a write");
        TestContext.Current.TestOutputHelper?.WriteLine($"{interrupted} of {Kills} kills interrupted a write");
    }
}
