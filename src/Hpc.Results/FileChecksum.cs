using System.Security.Cryptography;
using System.Text;

namespace Hpc.Results;

/// <summary>
/// A SHA-256 over every byte of a file, kept inside the file as the root attribute <c>checksum</c>: a marker and 64 hexadecimal digits.
/// The digest is that of the file with zeros ('0') in place of the digits. It covers the HDF5 structures too, whose own checksums
/// PureHDF does not verify, and is found without parsing.
/// </summary>
internal static class FileChecksum
{
    public const string Marker = "hpc-checksum-sha256:";

    public static readonly string Placeholder = Marker + new string('0', DigestLength);

    private const int DigestLength = 2 * SHA256.HashSizeInBytes;

    private const int BlockSize = 1 << 20;

    /// <summary>Replaces the placeholder by the digest.</summary>
    public static void Seal(FileStream stream)
    {
        stream.Flush();
        var position = FindDigest(stream) ?? throw new InvalidOperationException("The file was written without its checksum placeholder.");
        var digest = Encoding.ASCII.GetBytes(Compute(stream, position));
        stream.Position = position;
        stream.Write(digest);
    }

    /// <exception cref="InvalidDataException">The content is not what was written; the message says how that shows.</exception>
    public static void Verify(FileStream stream)
    {
        var position = FindDigest(stream) ?? throw new InvalidDataException(
            $"'{stream.Name}' is damaged: no checksum is found in its {stream.Length} bytes. " +
            "It is cut short, or was not written by this program.");
        var stored = new byte[DigestLength];
        stream.Position = position;
        stream.ReadExactly(stored);
        var digest = Compute(stream, position);
        if (!stored.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(digest)))
        {
            throw new InvalidDataException(
                $"'{stream.Name}' is damaged: its {stream.Length} bytes do not match its checksum. It was changed after it was written.");
        }

        stream.Position = 0;
    }

    /// <summary>Where the digits of the only marker begin; <c>null</c> when the file does not hold marker and digits.</summary>
    private static long? FindDigest(FileStream stream)
    {
        var marker = Encoding.ASCII.GetBytes(Marker);
        var buffer = new byte[BlockSize];
        var kept = 0;
        stream.Position = 0;
        for (var start = 0L; ;)
        {
            var read = stream.ReadAtLeast(buffer.AsSpan(kept), BlockSize - kept, throwOnEndOfStream: false);
            var filled = buffer.AsSpan(0, kept + read);
            var index = filled.IndexOf(marker);
            if (index >= 0)
            {
                var position = start + index + marker.Length;
                return position + DigestLength <= stream.Length ? position : null;
            }

            if (filled.Length < BlockSize)
            {
                return null;
            }

            kept = marker.Length - 1;
            start += filled.Length - kept;
            filled[^kept..].CopyTo(buffer);
        }
    }

    private static string Compute(FileStream stream, long position)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        stream.Position = 0;
        Append(position);
        hash.AppendData(Encoding.ASCII.GetBytes(Placeholder[Marker.Length..]));
        stream.Position = position + DigestLength;
        Append(stream.Length - stream.Position);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(long count)
        {
            var buffer = new byte[BlockSize];
            for (; count > 0;)
            {
                var block = buffer.AsSpan(0, (int)Math.Min(count, BlockSize));
                stream.ReadExactly(block);
                hash.AppendData(block);
                count -= block.Length;
            }
        }
    }
}
