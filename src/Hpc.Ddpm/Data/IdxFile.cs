using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using Hpc.Cli;

namespace Hpc.Ddpm.Data;

/// <summary>An array of bytes in the IDX format of MNIST.</summary>
/// <param name="Shape">Length of every dimension, slowest first.</param>
/// <param name="Values">∏ Shape bytes, row-major.</param>
public sealed record IdxFile(int[] Shape, byte[] Values)
{
    /// <summary>The type byte of unsigned bytes.</summary>
    private const byte UnsignedByte = 8;

    /// <summary>Reads a file and checks its header, its size and its checksum. It may be compressed by gzip (name ending with <c>.gz</c>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What its publisher has.</param>
    /// <exception cref="UsageException">The file cannot be read, is damaged, or is another one.</exception>
    public static IdxFile Read(string path, DatasetFile expected)
    {
        byte[] content = Content(path, expected.Bytes);
        IdxFile file = Parse(content, path);
        if (content.Length != expected.Bytes)
        {
            throw new UsageException($"'{path}' has {content.Length} bytes, decompressed; {expected.Name} has {expected.Bytes}: it is of another data set");
        }

        string checksum = Convert.ToHexStringLower(SHA256.HashData(content));
        return checksum == expected.Sha256
            ? file
            : throw new UsageException($"'{path}' is damaged or of another data set: its SHA-256, decompressed, is {checksum}, that of {expected.Name} is {expected.Sha256}; download it again");
    }

    /// <summary>
    /// Reads the content of a file: two bytes 0, the type (8, unsigned bytes), the number of dimensions, their lengths as big-endian 32-bit
    /// integers, then the bytes.
    /// </summary>
    /// <param name="content">The content, decompressed.</param>
    /// <param name="name">Where it is from, for messages.</param>
    /// <exception cref="UsageException">It is not of this format, or of another length than its header says.</exception>
    public static IdxFile Parse(ReadOnlySpan<byte> content, string name)
    {
        if (content.Length < 4 || content[0] != 0 || content[1] != 0 || content[2] != UnsignedByte || content[3] == 0)
        {
            string start = Convert.ToHexStringLower(content[..Math.Min(4, content.Length)]);
            throw new UsageException($"'{name}' is no IDX file of bytes: it begins with {(start.Length > 0 ? start : "nothing")}, not with 0000 08 and the number of dimensions; download it again");
        }

        int header = 4 + 4 * content[3];
        int[] shape = new int[content[3]];
        long count = 1;
        for (int i = 0; i < shape.Length && header <= content.Length; i++)
        {
            shape[i] = BinaryPrimitives.ReadInt32BigEndian(content[(4 + 4 * i)..]);
            count = shape[i] >= 0 && count >= 0 && count <= int.MaxValue ? count * shape[i] : -1;
        }

        return header <= content.Length && count == content.Length - header
            ? new IdxFile(shape, content[header..].ToArray())
            : throw new UsageException($"'{name}' does not have the size that its header says ({string.Join(" × ", shape)} bytes after {header}): it has {content.Length} bytes; download it again");
    }

    private static byte[] Content(string path, int expected)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var content = new MemoryStream(expected);
            stream.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new UsageException($"'{path}' is damaged: {e.Message.TrimEnd('.')}; download it again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot read '{path}': {e.Message.TrimEnd('.')}");
        }
    }
}
