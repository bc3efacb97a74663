namespace Hpc.Results.Tests;

public class DamageTests
{
    private const int Seed = 20260102;

    [Fact]
    public void EveryFlippedBitIsDetected()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.h5");
        ResultFile.Write(path, Samples.Shard());
        var bytes = File.ReadAllBytes(path);
        var random = new Random(Seed);
        for (var i = 0; i < 200; i++)
        {
            var (position, bit) = (random.Next(bytes.Length), random.Next(8));
            bytes[position] ^= (byte)(1 << bit);
            File.WriteAllBytes(path, bytes);
            Assert.Throws<InvalidDataException>(() => ResultFile.Read(path));
            bytes[position] ^= (byte)(1 << bit);
        }

        File.WriteAllBytes(path, bytes);
        Samples.AssertEqual(Samples.Shard(), ResultFile.Read(path));
    }

    [Fact]
    public void EveryTruncationIsDetected()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.h5");
        ResultFile.Write(path, Samples.Shard());
        var bytes = File.ReadAllBytes(path);
        var random = new Random(Seed);
        int[] lengths = [0, 1, bytes.Length - 1, .. Enumerable.Range(0, 50).Select(_ => random.Next(bytes.Length))];
        foreach (var length in lengths)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<InvalidDataException>(() => ResultFile.Read(path));
        }

        File.WriteAllBytes(path, [.. bytes, 0]);
        Assert.Throws<InvalidDataException>(() => ResultFile.Read(path));
    }

    [Fact]
    public void AFileCutWithinItsChecksumIsDamaged()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.h5");
        ResultFile.Write(path, Samples.Shard());
        var bytes = File.ReadAllBytes(path);
        var end = bytes.AsSpan().IndexOf("hpc-checksum-sha256:"u8) + 30;
        File.WriteAllBytes(path, bytes[..end]);

        Assert.Throws<InvalidDataException>(() => ResultFile.Read(path));
    }

    [Fact]
    public void TheChecksumIsThatOfTheFileWithZerosInItsPlace()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.h5");
        ResultFile.Write(path, Samples.Shard(features: 300_000)); // more than one block
        Tool.Python(
            """
            import h5py, hashlib, sys
            marker, digest = h5py.File(sys.argv[1], "r").attrs["checksum"].split(":")
            data = open(sys.argv[1], "rb").read()
            assert data.count(digest.encode()) == 1
            assert hashlib.sha256(data.replace(digest.encode(), b"0" * 64)).hexdigest() == digest
            """,
            path);
    }

    /// <summary>The marker is found wherever it lies, also across the border of two blocks of 1 MiB.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData((1 << 20) - 84)]
    [InlineData((1 << 20) - 20)]
    [InlineData((1 << 20) - 10)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((2 << 20) - 29)]
    [InlineData((2 << 20) - 10)]
    public void TheMarkerIsFoundAcrossBlocks(int position)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.bin");
        AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[position]);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(FileChecksum.Placeholder));
            stream.Write(new byte[100]);
            FileChecksum.Seal(stream);
        });
        using (var stream = File.OpenRead(path))
        {
            FileChecksum.Verify(stream);
        }

        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var changed = File.OpenRead(path);
        Assert.Throws<InvalidDataException>(() => FileChecksum.Verify(changed));
    }
}
