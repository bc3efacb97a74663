using Hpc.Numerics.Profiling;
using PureHDF;

namespace Hpc.Results;

/// <summary>
/// Result files: HDF5 with dimension scales, units and long names, readable by h5py and xarray, sealed by a checksum over the whole file.
/// </summary>
public static class ResultFile
{
    private static readonly Kernel Writing = Kernel.Of<double>("hdf5-write");

    /// <summary>
    /// Writes a file whole or not at all: under a temporary name in the same folder, flushed to the disk, then renamed over
    /// <paramref name="path"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The content cannot be stored; the message names the dataset or attribute and why.</exception>
    /// <exception cref="IOException">
    /// The disk is full or the folder cannot be written. The temporary file is removed and an older file of that name is left as it was.
    /// </exception>
    public static void Write(string path, ResultGroup root)
    {
        using KernelScope scope = Writing.Enter(0, Bytes(root));
        var options = new H5WriteOptions(PreferCompactDatasetLayout: false);
        var file = Hdf5Writer.Build(root, options);
        AtomicFile.Write(path, stream =>
        {
            file.Write(stream, options);
            FileChecksum.Seal(stream);
        });
    }

    /// <summary>Verifies the checksum and reads everything.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or was not written by this library.</exception>
    /// <exception cref="IOException">The file cannot be opened or read, which says nothing about its content.</exception>
    public static ResultGroup Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        // Nothing of an unverified file reaches the HDF5 parser, which trusts lengths and addresses.
        FileChecksum.Verify(stream);
        try
        {
            // Buffered, since the parser reads a few bytes at a time.
            using var file = H5File.Open(new BufferedStream(stream, 1 << 20), leaveOpen: true);
            return Hdf5Reader.Read(file);
        }
        catch (Exception exception) when (exception is not (IOException or OutOfMemoryException))
        {
            throw new InvalidDataException(
                $"'{path}' is whole but cannot be read: {exception.Message} It was probably written by another version of this program.",
                exception);
        }
    }

    private static double Bytes(ResultGroup group) =>
        group.Datasets.Sum(dataset => (double)sizeof(double) * dataset.Values.LongLength) + group.Groups.Values.Sum(Bytes);
}
