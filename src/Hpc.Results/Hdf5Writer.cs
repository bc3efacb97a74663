using PureHDF;

namespace Hpc.Results;

/// <summary>Validates a <see cref="ResultGroup"/> and lays it out as HDF5 objects, by the conventions of netCDF-4.</summary>
internal static class Hdf5Writer
{
    public const string ChecksumAttribute = "checksum";

    /// <summary>Names of the auxiliary coordinates, by which xarray tells coordinates from data.</summary>
    public const string CoordinatesAttribute = "coordinates";

    /// <summary>The length that the HDF5 dimension-scale specification gives the attribute CLASS.</summary>
    private const int ScaleClassLength = 16;

    /// <summary>An attribute holds less than 64 KiB; a reference to a text takes 16 bytes.</summary>
    private const int MaximumAttributeLength = 4000;

    public static H5File Build(ResultGroup root, H5WriteOptions options)
    {
        var file = new H5File();
        Fill(file, root, "/", options);
        file.Attributes[ChecksumAttribute] = Text(FileChecksum.Placeholder, options);
        return file;
    }

    private static void Fill(H5Group target, ResultGroup group, string path, H5WriteOptions options)
    {
        Validate(group, path);

        // PureHDF writes an object where it first meets a reference to it, in the middle of the object that refers: scales come first.
        var scales = new Dictionary<string, H5Dataset>();
        foreach (var dataset in group.Datasets.Where(dataset => dataset.IsScale))
        {
            var scale = Create(dataset, options);
            scale.Attributes["CLASS"] = Text("DIMENSION_SCALE", options, ScaleClassLength);
            scale.Attributes["NAME"] = Text(dataset.Name, options, System.Text.Encoding.UTF8.GetByteCount(dataset.Name) + 1);
            scales.Add(dataset.Name, scale);
            target.Add(dataset.Name, scale);
        }

        foreach (var dataset in group.Datasets.Where(dataset => !dataset.IsScale))
        {
            var variable = Create(dataset, options);
            if (dataset.Dimensions.Count > 0)
            {
                variable.Attributes["DIMENSION_LIST"] = dataset.Dimensions
                    .Select(dimension => new[] { new H5ObjectReference(scales[dimension]) })
                    .ToArray();
            }

            target.Add(dataset.Name, variable);
        }

        foreach (var (name, value) in group.Attributes)
        {
            target.Attributes[name] = value switch
            {
                string text => Text(text, options),
                string[] texts => new H5Attribute(new TextValues<string>(texts, 0, options)),
                _ => value,
            };
        }

        var coordinates = group.Datasets.Where(dataset => dataset.IsCoordinate).Select(dataset => dataset.Name).ToArray();
        if (coordinates.Length > 0)
        {
            target.Attributes[CoordinatesAttribute] = Text(string.Join(' ', coordinates), options);
        }

        foreach (var (name, child) in group.Groups)
        {
            var childGroup = new H5Group();
            Fill(childGroup, child, $"{path}{name}/", options);
            target.Add(name, childGroup);
        }
    }

    private static H5Dataset Create(Dataset dataset, H5WriteOptions options) =>
        new(dataset.Values, fileDims: [.. dataset.Shape.Select(length => (ulong)length)])
        {
            Attributes = new()
            {
                ["units"] = Text(dataset.Units, options),
                ["long_name"] = Text(dataset.LongName, options),
            },
        };

    /// <param name="text">The value of a scalar attribute.</param>
    /// <param name="options">The options that the file will be written with.</param>
    /// <param name="length">Bytes of a fixed-length string; 0 for a variable-length one, which may be of any size.</param>
    private static H5Attribute Text(string text, H5WriteOptions options, int length = 0) =>
        new(new TextValues<string>([text], length, options), dimensions: []);

    private static void Validate(ResultGroup group, string path)
    {
        var names = new HashSet<string>();
        foreach (var name in group.Datasets.Select(dataset => dataset.Name).Concat(group.Groups.Keys))
        {
            if (name.Length == 0 || name == "." || name.AsSpan().ContainsAny("/ \0"))
            {
                throw new ArgumentException(
                    $"'{name}' cannot name a dataset or group of '{path}': give a name without spaces and slashes.");
            }

            if (!names.Add(name))
            {
                throw new ArgumentException($"'{path}' has two datasets or groups of the name '{name}': names are unique.");
            }
        }

        var lengths = group.Datasets.Where(dataset => dataset.IsScale).ToDictionary(scale => scale.Name, scale => scale.Shape[0]);
        foreach (var dataset in group.Datasets)
        {
            Validate(dataset, path + dataset.Name, lengths);
        }

        foreach (var (name, value) in group.Attributes)
        {
            ValidateAttribute(name, value, path);
        }
    }

    private static void Validate(Dataset dataset, string path, Dictionary<string, int> lengths)
    {
        if (dataset.Values is not (double[] or long[]))
        {
            throw new ArgumentException(
                $"Dataset '{path}' holds {dataset.Values.GetType().Name}: only double[] and long[] can be stored.");
        }

        if (dataset.Dimensions.Count != dataset.Shape.Count)
        {
            throw new ArgumentException(
                $"Dataset '{path}' names {dataset.Dimensions.Count} dimensions and gives {dataset.Shape.Count} lengths: name every one.");
        }

        var count = dataset.Shape.Aggregate(1L, (product, length) => checked(product * length));
        if (count != dataset.Values.LongLength || count == 0)
        {
            throw new ArgumentException(
                $"Dataset '{path}' has the shape [{string.Join(", ", dataset.Shape)}] and {dataset.Values.LongLength} values: " +
                "their number must be the product of the lengths, and at least 1.");
        }

        if (count > int.MaxValue / sizeof(double))
        {
            throw new ArgumentException(
                $"Dataset '{path}' takes {count * sizeof(double) / 1e9:F1} GB: one dataset holds less than 2 GiB. " +
                "Split it into groups or store fewer points.");
        }

        for (var axis = 0; axis < dataset.Shape.Count; axis++)
        {
            var dimension = dataset.Dimensions[axis];
            if (!lengths.TryGetValue(dimension, out var length))
            {
                throw new ArgumentException(
                    $"Dataset '{path}' has the dimension '{dimension}', which has no scale: add a dataset {dimension}[{dimension}].");
            }

            if (length != dataset.Shape[axis])
            {
                throw new ArgumentException(
                    $"Dataset '{path}' has length {dataset.Shape[axis]} along '{dimension}', whose scale has length {length}.");
            }
        }

        ValidateText(dataset.Units, path + "@units");
        ValidateText(dataset.LongName, path + "@long_name");
    }

    private static void ValidateAttribute(string name, object value, string path)
    {
        var place = $"{path}@{name}";
        if (name is "" or ChecksumAttribute or CoordinatesAttribute)
        {
            throw new ArgumentException($"Attribute '{place}': this name is reserved, choose another.");
        }

        switch (value)
        {
            case string text:
                ValidateText(text, place);
                break;
            case string[] { Length: > 0 and <= MaximumAttributeLength } texts:
                Array.ForEach(texts, text => ValidateText(text, place));
                break;
            case long or double:
            case long[] { Length: > 0 and <= MaximumAttributeLength }:
            case double[] { Length: > 0 and <= MaximumAttributeLength }:
                break;
            default:
                throw new ArgumentException(
                    $"Attribute '{place}' is {value.GetType().Name}{(value is Array array ? $" of length {array.Length}" : "")}: " +
                    $"allowed are string, long, double and arrays of " +
                    $"them of 1 to {MaximumAttributeLength} entries. Store longer ones as a dataset.");
        }
    }

    private static void ValidateText(string text, string place)
    {
        if (text.Contains('\0') || text.Contains(FileChecksum.Marker, StringComparison.Ordinal))
        {
            throw new ArgumentException($"Text '{place}' holds a null character or '{FileChecksum.Marker}', which cannot be stored.");
        }
    }
}
