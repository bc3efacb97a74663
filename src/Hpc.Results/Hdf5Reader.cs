using PureHDF;
using PureHDF.VOL.Native;

namespace Hpc.Results;

/// <summary>Reads what <see cref="Hdf5Writer"/> lays out.</summary>
internal static class Hdf5Reader
{
    public static ResultGroup Read(NativeGroup source)
    {
        var attributes = source.Attributes().ToDictionary(attribute => attribute.Name, ReadAttribute);
        attributes.Remove(Hdf5Writer.ChecksumAttribute);
        var coordinates = attributes.Remove(Hdf5Writer.CoordinatesAttribute, out var list) ? ((string)list).Split(' ') : [];

        var datasets = new List<Dataset>();
        var groups = new Dictionary<string, ResultGroup>();
        foreach (var child in source.Children())
        {
            if (child is NativeGroup group)
            {
                groups.Add(group.Name, Read(group));
            }
            else
            {
                datasets.Add(ReadDataset(source, (NativeDataset)child, coordinates.Contains(child.Name)));
            }
        }

        return new ResultGroup(datasets, attributes, groups);
    }

    private static Dataset ReadDataset(NativeGroup group, NativeDataset source, bool isCoordinate)
    {
        IReadOnlyList<string> dimensions = source.AttributeExists("CLASS") ? [source.Name]
            : source.AttributeExists("DIMENSION_LIST") ? [.. source.Attribute("DIMENSION_LIST")
                .Read<NativeObjectReference1[][]>()
                .Select(references => group.Get(references[0]).Name)]
            : [];
        int[] shape = [.. source.Space.Dimensions.Select(length => (int)length)];
        Array values = source.Type.Class == H5DataTypeClass.FloatingPoint ? source.Read<double[]>() : source.Read<long[]>();
        return new Dataset(source.Name, dimensions, shape, values, Text("units"), Text("long_name"), isCoordinate);

        string Text(string name) => source.Attribute(name).Read<string>();
    }

    private static object ReadAttribute(IH5Attribute source) => (source.Type.Class, source.Space.Rank) switch
    {
        (H5DataTypeClass.FloatingPoint, 0) => source.Read<double>(),
        (H5DataTypeClass.FloatingPoint, _) => source.Read<double[]>(),
        (H5DataTypeClass.FixedPoint, 0) => source.Read<long>(),
        (H5DataTypeClass.FixedPoint, _) => source.Read<long[]>(),
        (_, 0) => source.Read<string>(),
        _ => source.Read<string[]>(),
    };
}
