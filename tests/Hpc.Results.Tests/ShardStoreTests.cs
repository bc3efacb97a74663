using System.Diagnostics;

namespace Hpc.Results.Tests;

public class ShardStoreTests
{
    private const string Hash = "0a1b";

    [Fact]
    public void ATaskIsDoneOnceItsShardIsWritten()
    {
        using var folder = new TemporaryFolder();
        var store = new ShardStore(folder.Path);
        Assert.Equal(ShardStatus.Missing, store.Classify(Hash).Status);

        store.Write(Hash, Samples.Shard());

        Assert.Equal(new ShardState(ShardStatus.Done, ""), store.Classify(Hash));
        Assert.Equal(ShardStatus.Missing, store.Classify("0a1c").Status);
        Assert.Equal(Path.Combine(folder.Path, "shards", "0a1b.h5"), store.PathOf(Hash));
        Samples.AssertEqual(Samples.Shard(), store.Read(Hash));
    }

    [Fact]
    public void ADamagedShardIsSetAsideAndNothingIsLost()
    {
        using var folder = new TemporaryFolder();
        var store = new ShardStore(folder.Path);
        store.Write(Hash, Samples.Shard());
        for (var round = 1; round <= 3; round++)
        {
            var bytes = File.ReadAllBytes(store.PathOf(Hash));
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(store.PathOf(Hash), bytes);
            var state = store.Classify(Hash);
            Assert.Equal(ShardStatus.Damaged, state.Status);
            Assert.Contains("do not match its checksum", state.Reason);

            store.Write(Hash, Samples.Shard());

            Assert.Equal(ShardStatus.Done, store.Classify(Hash).Status);
            var aside = store.PathOf(Hash) + (round == 1 ? ".damaged" : $".damaged-{round}");
            Assert.Equal(bytes, File.ReadAllBytes(aside));
            Assert.Equal(1 + round, Directory.GetFiles(Path.Combine(folder.Path, "shards")).Length);
        }
    }

    [Fact]
    public void AShardOfAnotherTaskIsDamaged()
    {
        using var folder = new TemporaryFolder();
        var store = new ShardStore(folder.Path);
        store.Write(Hash, Samples.Shard());
        File.Copy(store.PathOf(Hash), store.PathOf("ffff"));

        var state = store.Classify("ffff");

        Assert.Equal(ShardStatus.Damaged, state.Status);
        Assert.Contains("belongs to another task", state.Reason);
        Assert.Contains("task_hash must be 'ffff'", Assert.Throws<ArgumentException>(() => store.Write("ffff", Samples.Shard())).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../a")]
    [InlineData("a.b")]
    public void AHashIsNotAPath(string hash) =>
        Assert.Throws<ArgumentException>(() => new ShardStore("out").PathOf(hash));

    [Fact]
    public void OnlyTemporariesOfDeadWritersAreRemoved()
    {
        using var folder = new TemporaryFolder();
        var store = new ShardStore(folder.Path);
        Assert.Empty(store.RemoveStaleTemporaries());
        store.Write(Hash, Samples.Shard());
        using var child = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        var dead = Process.Start("true")!;
        dead.WaitForExit();
        var host = Environment.MachineName;
        var now = DateTime.UtcNow;
        string[] kept =
        [
            Temporary(Environment.ProcessId, host, now),
            Temporary(child.Id, host, now),
            Temporary(dead.Id, "other-" + host, now.AddHours(-23)),
        ];
        string[] stale =
        [
            Temporary(dead.Id, host, now),
            Temporary(child.Id, host, now.AddHours(-1)), // the number went to a process that began later
            Temporary(child.Id, "other-" + host, now.AddHours(-25)),
        ];

        var removed = store.RemoveStaleTemporaries();
        child.Kill();

        Assert.Equal(stale.Order(), removed.Order());
        Assert.All(stale, path => Assert.False(File.Exists(path)));
        Assert.All(kept, path => Assert.True(File.Exists(path)));
        Assert.Equal(ShardStatus.Done, store.Classify(Hash).Status);

        string Temporary(int process, string machine, DateTime lastWrite)
        {
            var path = $"{store.PathOf(Hash)}.tmp-{process}-{lastWrite.Hour}@{machine}";
            File.WriteAllText(path, "half a file");
            File.SetLastWriteTimeUtc(path, lastWrite);
            return path;
        }
    }
}
