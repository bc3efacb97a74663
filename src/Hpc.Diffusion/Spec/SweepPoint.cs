using System.Text.Json.Nodes;

namespace Hpc.Diffusion.Spec;

/// <summary>One point of a sweep: the spec with the swept values put in and no sweep left.</summary>
/// <param name="Index">Position in the sweep, 0 when there is none.</param>
/// <param name="Values">The swept parameters of all entries with their values.</param>
/// <param name="Spec">The spec of this point.</param>
public sealed record SweepPoint(int Index, IReadOnlyList<(string Path, JsonNode Value)> Values, ExperimentSpec Spec)
{
    /// <summary>The swept values, for a reader.</summary>
    public string Description => string.Join(", ", Values.Select(v => $"{v.Path} = {v.Value.ToJsonString()}"));

    /// <summary>All points: every combination of the entries of the sweep, the last changing fastest; one point without a sweep.</summary>
    /// <exception cref="SpecException">A point cannot be run.</exception>
    public static IReadOnlyList<SweepPoint> Expand(ExperimentSpec spec)
    {
        if (spec.Sweep.Count == 0)
        {
            return [new SweepPoint(0, [], spec)];
        }

        JsonObject tree = SpecWriter.Tree(spec);
        tree.Remove("sweep");
        long count = spec.Sweep.Aggregate(1L, (n, s) => checked(n * s.Count));
        if (count > 1_000_000)
        {
            throw new SpecException($"the sweep has {count} points; at most 1000000 are allowed: give fewer values");
        }

        var points = new List<SweepPoint>();
        for (int index = 0; index < count; index++)
        {
            var point = (JsonObject)tree.DeepClone();
            var values = new List<(string Path, JsonNode Value)>();
            int rest = index;
            foreach (SweepSpec sweep in spec.Sweep.Reverse())
            {
                values.InsertRange(0, sweep.Parameters.Select(p => (p.Path, p.Values[rest % sweep.Count])));
                rest /= sweep.Count;
            }

            foreach ((string path, JsonNode value) in values)
            {
                SpecPath.Set(point, path, value);
            }

            try
            {
                points.Add(new SweepPoint(index, values, SpecReader.Read(point)));
            }
            catch (SpecException e)
            {
                throw new SpecException($"sweep point {index} ({new SweepPoint(index, values, spec).Description}): {e.Message}");
            }
        }

        return points;
    }
}
