using Hpc.Cli.Figures;
using Hpc.Cli.Report;
using Hpc.Cli.Theory;
using Hpc.Cluster;
using Hpc.Diffusion.Spec;
using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Cli.Running;

/// <summary>What follows the tasks: merged file, figures, report.</summary>
public static class Finishing
{
    /// <summary>Merges, draws and reports.</summary>
    /// <returns>The merged content.</returns>
    public static ResultGroup Complete(OutputFolder folder, IReadOnlyList<ExperimentTask> tasks, CancellationToken cancellation)
    {
        ResultGroup merged = Merge(folder, tasks, cancellation);
        Draw(folder, merged);
        return merged;
    }

    /// <summary>The tasks of an existing folder, with the precision that they were run with.</summary>
    public static IReadOnlyList<ExperimentTask> TasksOf(OutputFolder folder)
    {
        IReadOnlyList<ExperimentTask> Candidates(string precision) => ExperimentTask.Expand(folder.Spec, precision);
        string usual = folder.Spec.Descent is { Dynamics: DescentDynamics.FreshNoise } ? "single" : "double";
        IReadOnlyList<ExperimentTask> tasks = Candidates(usual);
        IReadOnlyList<ExperimentTask> other = Candidates(usual == "single" ? "double" : "single");
        var log = RunLog.Read(folder.Folder, RunLock.Holders(folder.Folder).Select(h => h.Part));
        int Known(IReadOnlyList<ExperimentTask> tasks) => tasks.Count(t => File.Exists(folder.Shards.PathOf(t.Hash)) || log.Running.ContainsKey(t.Hash));
        return Known(other) > Known(tasks) ? other : tasks;
    }

    /// <summary>
    /// Writes the merged file: seeds stacked, with means and standard errors. Without a sweep everything is at the root; each point of a
    /// sweep is a group of its own.
    /// </summary>
    /// <exception cref="UsageException">No task is done.</exception>
    public static ResultGroup Merge(OutputFolder folder, IReadOnlyList<ExperimentTask> tasks, CancellationToken cancellation)
    {
        DateTime start = DateTime.UtcNow;
        var points = new List<(SweepPoint Point, List<ResultGroup> Shards)>();
        foreach (IGrouping<int, ExperimentTask> point in tasks.GroupBy(t => t.Point.Index))
        {
            cancellation.ThrowIfCancellationRequested();
            List<ResultGroup> shards = [.. point.Where(t => folder.Shards.Classify(t.Hash).Status == ShardStatus.Done).Select(t => folder.Shards.Read(t.Hash))];
            if (shards.Count > 0)
            {
                points.Add((point.First().Point, shards));
            }
        }

        if (points.Count == 0)
        {
            throw new UsageException($"no task of '{folder.Folder}' is done: there is nothing to merge");
        }

        IReadOnlyDictionary<string, object> shared = points[0].Shards[0].Attributes;
        long[] seeds = [.. points.SelectMany(p => p.Shards).SelectMany(s => (long[])s.Attributes["seeds"]).Distinct().Order()];
        Dictionary<string, object> attributes = new(Provenances.Create(
            SpecWriter.Write(folder.Spec), SpecWriter.TaskHash(folder.Spec, seeds[0], (string)shared["precision"]), seeds,
            (string)shared["device"], (string)shared["precision"], (int)(long)shared["mpi_size"], start, new Dictionary<string, string>()).ToAttributes())
        {
            ["versions"] = shared["versions"],
        };
        var store = new TheoryStore(folder.Theory);
        Dictionary<int, IReadOnlyList<Dataset>> along = AlongSweep(folder.Spec, store, [.. points.Select(p => p.Point.Index)], cancellation);
        ResultGroup merged = folder.Spec.Sweep.Count == 0
            ? WithTheory(SeedMerge.Merge(points[0].Shards), points[0].Point, attributes, store)
            : new ResultGroup([], attributes, points.AsParallel().WithCancellation(cancellation).Select(
                p => ($"point_{p.Point.Index:D4}", WithTheory([.. SeedMerge.Merge(p.Shards), .. along.GetValueOrDefault(p.Point.Index) ?? []], p.Point, PointAttributes(p.Point), store)))
                .ToDictionary());
        ResultFile.Write(folder.MergedFile, merged);
        return merged;
    }

    /// <summary>Figures and report from the merged file.</summary>
    /// <returns>The files that were written.</returns>
    public static IReadOnlyList<string> Draw(OutputFolder folder) => Draw(folder, folder.ReadMerged());

    /// <summary>The theory between the points of a sweep, for the point of each series that is present and nearest to its beginning.</summary>
    private static Dictionary<int, IReadOnlyList<Dataset>> AlongSweep(ExperimentSpec spec, TheoryStore store, int[] present, CancellationToken cancellation)
    {
        var datasets = new Dictionary<int, IReadOnlyList<Dataset>>();
        if (spec.Sweep.Count > 0 && spec.Covariance != CovarianceKind.Sampled)
        {
            int length = spec.Sweep[^1].Count;
            foreach (TheoryAlongSweep series in TheoryAlongSweep.Compute(spec, store, cancellation: cancellation))
            {
                int[] own = [.. present.Where(i => i >= series.First && i < series.First + length)];
                if (own.Length > 0)
                {
                    datasets[own.Min()] = series.Datasets();
                }
            }
        }

        return datasets;
    }

    /// <summary>Adds theory and the comparison with it; where there is no theory, the simulation stands alone and the reason is said.</summary>
    private static ResultGroup WithTheory(IReadOnlyList<Dataset> simulation, SweepPoint point, Dictionary<string, object> attributes, TheoryStore store)
    {
        if (point.Spec.Covariance == CovarianceKind.Sampled)
        {
            Progress.Say("no theory beside the simulation: descent on a sampled covariance memorizes its noise draws, and the theory averages over the noise");
            return new ResultGroup(simulation, attributes);
        }

        try
        {
            TheoryResult theory = TheoryResult.Compute(point.Spec, store: store);
            IReadOnlyList<ComparisonRow> rows = Comparison.Create(theory, simulation);
            if (rows.Count > 0)
            {
                attributes[Comparison.QuantityAttribute] = rows.Select(r => r.Quantity).ToArray();
            }

            return new ResultGroup([.. simulation, .. TheoryDatasets.Create(theory), .. Comparison.Datasets(rows)], attributes);
        }
        catch (Exception e) when (e is ArgumentException or TheoryConvergenceException)
        {
            Progress.Say($"no theory beside the simulation: {e.Message}");
            return new ResultGroup(simulation, attributes);
        }
    }

    private static IReadOnlyList<string> Draw(OutputFolder folder, ResultGroup merged)
    {
        var files = new List<string>();
        if (merged.Groups.Count == 0)
        {
            files.AddRange(Draw(folder, merged, merged, folder.Folder));
        }

        else
        {
            files.AddRange(DrawSweep(folder, merged));
        }

        foreach ((string name, ResultGroup point) in merged.Groups.OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            files.AddRange(Draw(folder, point, merged, Path.Combine(folder.Folder, name)));
        }

        return files;
    }

    /// <summary>The figures over the swept values, and the page that leads to those of the points.</summary>
    private static IEnumerable<string> DrawSweep(OutputFolder folder, ResultGroup merged)
    {
        SweepView sweep = Sweep(merged);
        IReadOnlyList<Figure> figures = FigureSet.Draw(sweep, folder.Figures);
        string report = HtmlReport.WriteSweep(
            sweep, figures, [.. merged.Groups.Keys.Order(StringComparer.Ordinal).Select(name => (sweep.Label(PointIndex(name)), $"{name}/report.html"))],
            (string)merged.Attributes["spec"], Attributes(merged), folder.Folder, [Path.GetFileName(folder.MergedFile)]);
        return [.. figures.Select(f => Path.Combine(folder.Figures, f.Name + ".svg")), report];
    }

    /// <summary>A merged sweep as figures read it.</summary>
    public static SweepView Sweep(ResultGroup merged) =>
        new((string)merged.Attributes["spec"], merged.Groups.ToDictionary(g => PointIndex(g.Key), g => View(g.Value, merged)));

    private static int PointIndex(string group) => int.Parse(group.AsSpan("point_".Length), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A group of datasets as figures read it; the provenance is that of the file.</summary>
    public static ResultView View(ResultGroup content, ResultGroup root) =>
        new(WithRowNames(content).ToDictionary(d => d.Name), (string)content.Attributes["spec"], [.. Attributes(root)]);

    /// <summary>The attributes of a file as a page shows them.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Attributes(ResultGroup root) =>
        root.Attributes.Where(a => a.Key is not ("spec" or Comparison.QuantityAttribute)).Select(a => KeyValuePair.Create(a.Key, Text(a.Value)));

    /// <summary>Figures and report of one group of datasets.</summary>
    private static IEnumerable<string> Draw(OutputFolder folder, ResultGroup content, ResultGroup root, string target)
    {
        ResultView view = View(content, root);
        IReadOnlyList<Figure> figures = FigureSet.Draw(view, Path.Combine(target, "figures"));
        string report = HtmlReport.Write(view, figures, target, [Path.GetRelativePath(target, folder.MergedFile)]);
        return [.. figures.Select(f => Path.Combine(target, "figures", f.Name + ".svg")), report];
    }

    /// <summary>The names of the comparison's rows are texts, which the file holds as an attribute.</summary>
    private static IEnumerable<Dataset> WithRowNames(ResultGroup content) =>
        content.Attributes.TryGetValue(Comparison.QuantityAttribute, out object? value) && value is string[] names
            ? content.Datasets.Append(new Dataset(Comparison.QuantityAttribute, ["row"], [names.Length], names, "1", "quantity"))
            : content.Datasets;

    private static string Text(object value) => value switch
    {
        long[] numbers => string.Join(", ", numbers),
        double[] numbers => string.Join(", ", numbers),
        string[] texts => string.Join(", ", texts),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };

    private static Dictionary<string, object> PointAttributes(SweepPoint point)
    {
        var attributes = new Dictionary<string, object> { ["spec"] = SpecWriter.Write(point.Spec) };
        foreach ((string path, System.Text.Json.Nodes.JsonNode value) in point.Values)
        {
            attributes[path] = value.GetValueKind() == System.Text.Json.JsonValueKind.Number ? value.GetValue<double>() : value.ToJsonString();
        }

        return attributes;
    }
}
