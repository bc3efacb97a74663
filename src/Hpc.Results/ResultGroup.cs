namespace Hpc.Results;

/// <summary>
/// The content of a result file, or of one group in it: datasets, attributes, and groups by name (one per sweep point). A dimension
/// belongs to the group that holds its scale.
/// </summary>
/// <param name="datasets">Datasets with unique names; every dimension that they use has its scale among them.</param>
/// <param name="attributes">
/// Attributes: <c>string</c>, <c>string[]</c>, <c>long</c>, <c>long[]</c>, <c>double</c> or <c>double[]</c>.
/// </param>
/// <param name="groups">Nested groups; <c>null</c> for none.</param>
public sealed class ResultGroup(
    IReadOnlyList<Dataset> datasets,
    IReadOnlyDictionary<string, object> attributes,
    IReadOnlyDictionary<string, ResultGroup>? groups = null)
{
    public IReadOnlyList<Dataset> Datasets { get; } = datasets;

    public IReadOnlyDictionary<string, object> Attributes { get; } = attributes;

    public IReadOnlyDictionary<string, ResultGroup> Groups { get; } = groups ?? new Dictionary<string, ResultGroup>();

    /// <summary>The dataset of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those that there are.</exception>
    public Dataset this[string name] => Datasets.FirstOrDefault(dataset => dataset.Name == name)
        ?? throw new KeyNotFoundException(
            $"There is no dataset '{name}' here. There are: {string.Join(", ", Datasets.Select(dataset => dataset.Name))}.");
}
