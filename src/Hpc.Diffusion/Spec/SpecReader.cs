using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hpc.Diffusion.Model;


namespace Hpc.Diffusion.Spec;

/// <summary>Reads a spec (design.md, "Spec"): JSON with comments, unknown keys refused, everything checked before any work starts.</summary>
public static partial class SpecReader
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads and checks the spec in a file.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="overrides">Arguments of the form <c>model.dimension=200</c>.</param>
    /// <exception cref="SpecException">The file cannot be read, or the spec cannot be run.</exception>
    public static ExperimentSpec ReadFile(string path, IEnumerable<string>? overrides = null) => Read(ReadTree(path, overrides), path);

    /// <summary>Reads and checks a spec given as text.</summary>
    /// <inheritdoc cref="ReadFile" path="/exception"/>
    public static ExperimentSpec Parse(string json, IEnumerable<string>? overrides = null, string source = "spec") => Read(ParseTree(json, overrides, source), source);

    /// <summary>The JSON tree in a file, with overrides put in.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="overrides">Arguments of the form <c>model.dimension=200</c>.</param>
    /// <exception cref="SpecException">The file cannot be read, or is not one JSON object.</exception>
    public static JsonObject ReadTree(string path, IEnumerable<string>? overrides = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpecException($"cannot read the spec '{path}': {e.Message}");
        }

        return ParseTree(text, overrides, path);
    }

    private static JsonObject ParseTree(string json, IEnumerable<string>? overrides, string source)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json, null, Lenient);
        }
        catch (JsonException e)
        {
            throw new SpecException($"{source} is not valid JSON: {e.Message}");
        }

        if (root is not JsonObject tree)
        {
            throw new SpecException($"{source} must be one JSON object {{ … }}");
        }

        foreach (string item in overrides ?? [])
        {
            SpecPath.Override(tree, item);
        }

        return tree;
    }

    private static ExperimentSpec Read(JsonObject tree, string source)
    {
        try
        {
            ExperimentSpec spec = Read(tree);

            // A spec whose sweep leads to one that cannot be run is refused now, not when the sweep gets there.
            foreach (SweepPoint point in SweepPoint.Expand(spec))
            {
                _ = point.Spec;
            }

            return spec;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new SpecException($"{source} cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads and checks a spec from its JSON tree.</summary>
    internal static ExperimentSpec Read(JsonObject tree)
    {
        var root = new SpecNode(tree, "");
        string name = ReadHead(root);
        ModelSpec model = ReadModel(root.Object("model"));
        var spec = new ExperimentSpec
        {
            Name = name,
            Model = model,
            DiffusionTime = root.Positive("diffusionTime"),
            Seeds = ReadSeeds(root.OptionalObject("seeds")),
            Spectrum = ReadSpectrum(root.OptionalObject("spectrum"), model),
            Descent = ReadDescent(root.OptionalObject("descent")),
            Speciation = ReadSpeciation(root.OptionalObject("speciation")),
            Sweep = ReadSweep(root.OptionalArray("sweep")),
            Shard = root.Choice("shard", ShardKind.Auto),
        };
        root.RefuseUnknown();
        if (spec.Spectrum is null && spec.Descent is null && spec.Speciation is null)
        {
            throw new SpecException(
                "the spec asks for nothing: add a \"spectrum\", a \"descent\" or a \"speciation\" block, for example \"spectrum\": { \"method\": \"dense\" }");
        }

        return spec;
    }

    /// <summary>What every spec begins with: the version of the format, and the name, which is returned.</summary>
    /// <exception cref="SpecException">The format is newer than this engine, or no file can have the name.</exception>
    public static string ReadHead(SpecNode root)
    {
        int schema = root.Integer("schema", 1, int.MaxValue);
        if (schema > ExperimentSpec.CurrentSchema)
        {
            throw new SpecException(
                $"schema {schema} is newer than this engine, which reads schema {ExperimentSpec.CurrentSchema}: update hpc, or write the spec for schema {ExperimentSpec.CurrentSchema}");
        }

        string name = root.Text("name");
        return FileName().IsMatch(name)
            ? name
            : throw new SpecException($"name is \"{name}\"; allowed are letters, digits, '.', '_' and '-', since files are named after it");
    }

    private static ModelSpec ReadModel(SpecNode node)
    {
        SpecNode[] classNodes = node.ObjectArray("classes");
        if (classNodes.Length == 0)
        {
            throw new SpecException("model.classes is empty; give at least one class, for example [ { \"weight\": 1, \"variance\": 1 } ]");
        }

        var classes = new ClassSpec[classNodes.Length];
        for (int c = 0; c < classes.Length; c++)
        {
            classes[c] = new ClassSpec(classNodes[c].Positive("weight"), classNodes[c].Positive("variance"));
            classNodes[c].RefuseUnknown();
        }

        double sum = classes.Sum(c => c.Weight);
        if (Math.Abs(sum - 1) > 1e-9)
        {
            string scaled = string.Join(", ", classes.Select(c => (c.Weight / sum).ToString("G6", CultureInfo.InvariantCulture)));
            throw new SpecException(
                $"the weights of model.classes sum to {sum.ToString("G10", CultureInfo.InvariantCulture)}; they must sum to 1: divide each by the sum, which gives {scaled}");
        }

        var model = new ModelSpec
        {
            Dimension = node.Integer("dimension", 1, int.MaxValue),
            Features = node.Integer("features", 1, int.MaxValue),
            Samples = node.Integer("samples", 1, int.MaxValue),
            Activation = node.Choice("activation", Activation.Tanh),
            Classes = classes,
            CentroidGram = ReadGram(node, classes.Length),
        };
        node.RefuseUnknown();

        int rank = Gram.Factor(model.CentroidGram)[0].Length;
        if (rank > model.Dimension)
        {
            throw new SpecException(
                $"model.centroidGram has rank {rank}, which needs as many dimensions, but model.dimension is {model.Dimension}: raise it to {rank} or more");
        }

        int[] sizes = Mixture.ClassSizes(model);
        int empty = Array.IndexOf(sizes, 0);
        if (empty >= 0)
        {
            throw new SpecException(
                $"class {empty + 1} gets no training sample: its weight {classes[empty].Weight} of model.samples = {model.Samples} rounds to 0; raise model.samples or the weight");
        }

        return model;
    }

    private static double[][] ReadGram(SpecNode node, int classes)
    {
        double[][]? gram = node.OptionalMatrix("centroidGram");
        if (gram is null)
        {
            return Gram.Zero(classes);
        }

        if (gram.Length != classes || gram.Any(row => row.Length != classes))
        {
            string shape = $"{gram.Length}×{string.Join('/', gram.Select(r => r.Length).Distinct())}";
            throw new SpecException(
                $"model.centroidGram is {shape}; with {classes} classes it must be {classes}×{classes}, entry (c, c') being m_c·m_c'/N");
        }

        for (int i = 0; i < classes; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (Math.Abs(gram[i][j] - gram[j][i]) > 1e-12 * (1 + Math.Abs(gram[i][j])))
                {
                    throw new SpecException(
                        $"model.centroidGram is not symmetric: entry ({i + 1}, {j + 1}) is {gram[i][j]} and entry ({j + 1}, {i + 1}) is {gram[j][i]}; make them equal");
                }
            }
        }

        double smallest = Gram.SmallestEigenvalue(gram);
        double scale = gram.Max(row => row.Max(Math.Abs));
        if (smallest < -1e-10 * Math.Max(scale, 1e-300))
        {
            throw new SpecException(
                $"model.centroidGram is not positive semi-definite (smallest eigenvalue {smallest.ToString("G4", CultureInfo.InvariantCulture)}): no centroids have these inner products; " +
                "an off-diagonal entry may be at most the geometric mean of its two diagonal entries");
        }

        return gram;
    }

    /// <summary>The seeds block; seed 0 alone where it is absent.</summary>
    /// <exception cref="SpecException">A seed is out of range.</exception>
    public static SeedSpec ReadSeeds(SpecNode? node)
    {
        if (node is null)
        {
            return new SeedSpec(0, 1);
        }

        var seeds = new SeedSpec(node.Integer64("first", 0, uint.MaxValue, 0), node.Integer("count", 1, int.MaxValue, 1));
        node.RefuseUnknown();
        if (seeds.First + seeds.Count - 1 > uint.MaxValue)
        {
            throw new SpecException($"the last seed would be {seeds.First + seeds.Count - 1}; seeds run from 0 to {uint.MaxValue}: lower seeds.first or seeds.count");
        }

        return seeds;
    }

    private static SpectrumSpec? ReadSpectrum(SpecNode? node, ModelSpec model)
    {
        if (node is null)
        {
            return null;
        }

        // Every key is known to every method, so that a sweep may vary the method. Defaults that are larger than a small model are cut to it; what is given must fit.
        var absent = new SpectrumSpec(SpectrumMethod.Auto, CovarianceKind.Exact);
        int features = model.Features, largest = node.Integer("largest", 0, features, Math.Min(absent.Largest, features));
        var spectrum = new SpectrumSpec(
            node.Choice("method", absent.Method), node.Choice("covariance", absent.Covariance), node.Integer("draws", 1, int.MaxValue / model.Samples, absent.Draws),
            node.Integer("probes", 1, features, Math.Min(absent.Probes, features)), node.Integer("steps", 1, int.MaxValue, absent.Steps),
            largest, node.Integer("smallest", 0, features - largest, absent.Smallest), node.Integer("block", 1, features, Math.Min(absent.Block, features)));
        node.RefuseUnknown();
        return spectrum;
    }

    private static DescentSpec? ReadDescent(SpecNode? node)
    {
        if (node is null)
        {
            return null;
        }

        var descent = new DescentSpec(
            node.Choice("dynamics", DescentDynamics.NoiseAveraged),
            node.Positive("learningRate"),
            node.Integer64("epochs", 1, 1L << 52),
            node.Integer("records", 1, 1_000_000, 200),
            node.Integer("testSamples", 2, int.MaxValue, 10_000));
        node.RefuseUnknown();
        return descent;
    }

    private static SpeciationSpec? ReadSpeciation(SpecNode? node)
    {
        if (node is null)
        {
            return null;
        }

        SpecNode times = node.Object("times");
        var speciation = new SpeciationSpec(
            times.Positive("from"), times.Positive("to"), times.Integer("count", 1, 100_000), node.Choice("method", SpectrumMethod.Auto),
            node.Integer("lossSamples", 0, int.MaxValue, 10_000), node.Integer("clones", 0, 1_000_000, 0));
        times.RefuseUnknown();
        node.RefuseUnknown();
        if (speciation.LossSamples == 1 || speciation.Clones == 1)
        {
            throw new SpecException("speciation.lossSamples or speciation.clones is 1; a standard error needs 2 or more, and 0 leaves the measurement out");
        }

        if (speciation.To < speciation.From)
        {
            throw new SpecException($"speciation.times runs from {speciation.From} to {speciation.To}; \"to\" must not be below \"from\"");
        }

        return speciation;
    }

    private static SweepSpec[] ReadSweep(JsonArray? array)
    {
        if (array is null)
        {
            return [];
        }

        var sweeps = new SweepSpec[array.Count];
        for (int i = 0; i < sweeps.Length; i++)
        {
            var node = SpecNode.Element(array, i, "sweep");
            if (node.OptionalRaw("parameters") is { } together)
            {
                sweeps[i] = ReadTogether(together, i);
            }
            else
            {
                JsonArray values = node.OptionalArray("values") ?? throw new SpecException($"sweep[{i}].values is missing; give the list of values, for example [0.1, 0.2]");
                sweeps[i] = new SweepSpec([new SweepParameter(node.Text("parameter"), ReadValues(values, $"sweep[{i}].values"))]);
            }

            node.RefuseUnknown();
        }

        return sweeps;
    }

    /// <summary>Parameters that are varied together: path by path, as many values for each.</summary>
    private static SweepSpec ReadTogether(JsonNode together, int entry)
    {
        const string Example = "{ \"model.classes[0].weight\": [0.5, 0.8], \"model.classes[1].weight\": [0.5, 0.2] }";
        if (together is not JsonObject { Count: > 0 } paths)
        {
            throw new SpecException($"sweep[{entry}].parameters must be an object of paths with their values, for example {Example}");
        }

        SweepParameter[] parameters = [.. paths.Select(pair => pair.Value is JsonArray values
            ? new SweepParameter(pair.Key, ReadValues(values, $"sweep[{entry}].parameters.{pair.Key}"))
            : throw new SpecException($"sweep[{entry}].parameters.{pair.Key} must be a list of values, for example {Example}"))];
        int count = parameters[0].Values.Count;
        return parameters.FirstOrDefault(p => p.Values.Count != count) is not { } other
            ? new SweepSpec(parameters)
            : throw new SpecException(
                $"sweep[{entry}].parameters are varied together, but {parameters[0].Path} has {count} values and {other.Path} has {other.Values.Count}; "
                + "give each as many, or give them entries of their own for every combination");
    }

    private static JsonNode[] ReadValues(JsonArray values, string name) =>
        values.Count > 0 ? [.. values.Select(v => v!.DeepClone())] : throw new SpecException($"{name} is empty; give at least one value");

    [GeneratedRegex(@"^[A-Za-z0-9_-][A-Za-z0-9._-]*$")]
    private static partial Regex FileName();
}
