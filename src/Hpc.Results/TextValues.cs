using System.Collections;
using System.Reflection;
using PureHDF;

namespace Hpc.Results;

/// <summary>
/// The texts of one attribute, with the string length of that attribute alone. PureHDF has one string length for a whole file, in
/// <see cref="H5WriteOptions"/>, and reads it right after it has enumerated the values of an attribute: this sequence sets it then.
/// Dimension scales need strings of fixed length, all other text needs variable length to read as <c>str</c> in h5py.
/// </summary>
/// <param name="values">The texts.</param>
/// <param name="length">Bytes of every text, or 0 for variable length.</param>
/// <param name="options">The options that the file is written with.</param>
/// <typeparam name="T">Always <c>string</c>; PureHDF takes the element type from the type argument of a sequence.</typeparam>
internal sealed class TextValues<T>(T[] values, int length, H5WriteOptions options) : IEnumerable<T>
{
    private static readonly PropertyInfo DefaultStringLength =
        typeof(H5WriteOptions).GetProperty(nameof(H5WriteOptions.DefaultStringLength))!;

    public IEnumerator<T> GetEnumerator()
    {
        DefaultStringLength.SetValue(options, length);
        return values.AsEnumerable().GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
