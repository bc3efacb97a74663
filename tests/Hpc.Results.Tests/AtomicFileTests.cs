namespace Hpc.Results.Tests;

public class AtomicFileTests
{
    [Fact]
    public void AFailedWriteLeavesTheOldFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.txt");
        AtomicFile.Write(path, stream => stream.Write("old"u8));

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void TheTemporaryNameTellsHostAndProcess()
    {
        using var folder = new TemporaryFolder();
        var names = new List<string>();
        AtomicFile.Write(folder.File("a.txt"), stream => names.Add(stream.Name));
        AtomicFile.Write(folder.File("a.txt"), stream => names.Add(stream.Name));

        Assert.All(names, name => Assert.Contains($".tmp-{Environment.ProcessId}-", name));
        Assert.All(names, name => Assert.EndsWith("@" + Environment.MachineName, name));
        Assert.Equal(2, names.Distinct().Count());
        Assert.Equal([folder.File("a.txt")], Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("missing/a.h5")]
    [InlineData("file/a.h5")]
    [InlineData("folder")]
    public void AFolderThatCannotBeWrittenIsAnIOException(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("file"), "");
        Directory.CreateDirectory(folder.File("folder"));
        var before = Directory.GetFileSystemEntries(folder.Path);

        var exception = Assert.ThrowsAny<IOException>(() => ResultFile.Write(folder.File(name), Samples.Shard()));

        Assert.Contains(folder.File(name), exception.Message);
        Assert.Contains("choose a folder", exception.Message);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AReadOnlyFolderIsAnIOException()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Needs Unix permissions that bind.");
        using var folder = new TemporaryFolder();
        var store = new ShardStore(folder.Path);
        _ = Tool.Run("chmod", "500", folder.Path);

        Assert.ThrowsAny<IOException>(() => ResultFile.Write(folder.File("a.h5"), Samples.Shard()));
        Assert.ThrowsAny<IOException>(() => store.Write("0a1b", Samples.Shard()));

        _ = Tool.Run("chmod", "700", folder.Path);
    }

    /// <summary>A file system of 1 MB, then sizes that fail at the first and at later writes of the file.</summary>
    [Theory]
    [InlineData(10_000)]
    [InlineData(60_000)]
    [InlineData(400_000)]
    public void AFullDiskIsAnIOExceptionAndLeavesTheOldFile(int features)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small tmpfs needs root on Linux.");
        using var folder = new TemporaryFolder();
        var (exitCode, output) = Tool.Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.Path);
        Assert.SkipUnless(exitCode == 0, $"Mounting a small tmpfs is not permitted here: {output}");
        try
        {
            var store = new ShardStore(folder.Path);
            store.Write("0a1b", Samples.Shard());
            store.Write("ffff", Samples.Shard(features: 1, taskHash: "ffff"));
            File.WriteAllBytes(folder.File("ballast"), new byte[300_000]);

            var exception = Assert.ThrowsAny<IOException>(() => store.Write("0a1b", Samples.Shard(features: features)));

            Assert.Contains("Make room", exception.Message);
            Assert.Contains("No space left", exception.Message);
            Samples.AssertEqual(Samples.Shard(), store.Read("0a1b"));
            Assert.Equal(2, Directory.GetFiles(Path.Combine(folder.Path, "shards")).Length);

            File.Delete(folder.File("ballast"));
            store.Write("0a1b", Samples.Shard(features: 11));
            Assert.Equal(11, store.Read("0a1b")["feature"].Shape[0]);
        }
        finally
        {
            _ = Tool.Run("umount", folder.Path);
        }
    }
}
