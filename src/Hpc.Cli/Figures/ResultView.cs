using System.Text.Json;
using Hpc.Diffusion.Spec;
using Hpc.Results;

namespace Hpc.Cli.Figures;

/// <summary>
/// A merged result as figures and report read it: its datasets, its resolved spec and its attributes, nothing else, so that both can be
/// made again from the file alone.
/// </summary>
public sealed class ResultView
{
    private static readonly JsonDocumentOptions json = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private readonly IReadOnlyDictionary<string, Dataset> datasets;

    /// <param name="datasets">Datasets by name, as merged.</param>
    /// <param name="spec">The resolved spec (design.md, "Spec"), in JSON.</param>
    /// <param name="attributes">Root attributes of the file as text, in the order to show them; the spec itself may be among them.</param>
    /// <exception cref="ArgumentException">The spec is not JSON or lacks the model, as a resolved spec never does.</exception>
    public ResultView(
        IReadOnlyDictionary<string, Dataset> datasets, string spec, IReadOnlyList<KeyValuePair<string, string>> attributes)
    {
        this.datasets = datasets;
        Spec = spec;
        Attributes = attributes;
        try
        {
            using JsonDocument document = JsonDocument.Parse(spec, json);
            JsonElement root = document.RootElement;
            JsonElement model = root.GetProperty("model");
            Name = root.TryGetProperty("name", out JsonElement name) ? name.GetString() ?? "" : "";
            Dimension = model.GetProperty("dimension").GetInt32();
            Features = model.GetProperty("features").GetInt32();
            Samples = model.GetProperty("samples").GetInt32();
            DiffusionTime = root.TryGetProperty("diffusionTime", out JsonElement time) ? time.GetDouble() : double.NaN;
            Classes = [.. from item in model.GetProperty("classes").EnumerateArray()
                          select new ClassSpec(item.GetProperty("weight").GetDouble(), item.GetProperty("variance").GetDouble())];
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ArgumentException(
                "The spec stored with the results is not a resolved spec: it needs model.dimension, model.features, model.samples and " +
                $"model.classes with weight and variance ({exception.Message}). Merge the results again.", nameof(spec), exception);
        }
    }

    public string Spec { get; }

    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; }

    /// <summary>Name of the experiment; empty when the spec has none.</summary>
    public string Name { get; }

    /// <summary>N.</summary>
    public int Dimension { get; }

    /// <summary>P.</summary>
    public int Features { get; }

    /// <summary>M.</summary>
    public int Samples { get; }

    /// <summary>t; NaN when the spec has none.</summary>
    public double DiffusionTime { get; }

    public IReadOnlyList<ClassSpec> Classes { get; }

    /// <summary>Number of seeds: the length of dataset <c>seed</c>, 0 when there is none.</summary>
    public int Seeds => Find("seed", "seed")?.Shape[0] ?? 0;

    /// <summary>
    /// The dataset of that name, or null when the result has none with exactly these dimensions. The class dimension must be as long as
    /// <see cref="Classes"/>.
    /// </summary>
    public Dataset? Find(string name, params ReadOnlySpan<string> dimensions)
    {
        if (!datasets.TryGetValue(name, out Dataset? found) || found.Dimensions.Count != dimensions.Length)
            return null;
        for (int i = 0; i < dimensions.Length; i++)
        {
            if (found.Dimensions[i] != dimensions[i] || (dimensions[i] == "class" && found.Shape[i] != Classes.Count))
                return null;
        }

        return found;
    }

    /// <summary>Label of class <paramref name="index"/>, numbered from 1 as in the paper.</summary>
    public string ClassLabel(int index) => $"class {index + 1}";

    /// <summary>Label with weight and variance: "class 1 (b = 0.5, σ² = 0.25)".</summary>
    public string ClassDescription(int index) =>
        $"class {index + 1} (b = {Trim(Classes[index].Weight)}, σ² = {Trim(Classes[index].Variance)})";

    /// <summary>The model in one line: "N = 100, P = 6000, M = 3000, t = 0.001, 10 seeds"; it breaks only after commas.</summary>
    public string ModelDescription =>
        $"N\u00a0=\u00a0{Dimension}, P\u00a0=\u00a0{Features}, M\u00a0=\u00a0{Samples}" +
        (double.IsNaN(DiffusionTime) ? "" : $", t\u00a0=\u00a0{Trim(DiffusionTime)}") +
        (Seeds > 0 ? $", {Seeds}\u00a0seed{(Seeds == 1 ? "" : "s")}" : "");

    /// <summary>The same without t, for results over many diffusion times.</summary>
    public string SizeDescription =>
        $"N\u00a0=\u00a0{Dimension}, P\u00a0=\u00a0{Features}, M\u00a0=\u00a0{Samples}" + (Seeds > 0 ? $", {Seeds}\u00a0seed{(Seeds == 1 ? "" : "s")}" : "");

    private static string Trim(double value) => value.ToString("G3");
}
