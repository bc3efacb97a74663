using System.Text.Json.Nodes;

namespace Hpc.Diffusion.Spec;

/// <summary>One point of a sweep: the spec with the swept values put in and no sweep left.</summary>
/// <param name="Index">Position in the sweep, 0 when there is none.</param>
/// <param name="Values">The swept values in the order of the sweep's parameters.</param>
/// <param name="Spec">The spec of this point.</param>
public sealed record SweepPoint(int Index, IReadOnlyList<JsonNode> Values, ExperimentSpec Spec)
{
    /// <summary>All points: every combination of the swept values, the last parameter changing fastest; one point without a sweep.</summary>
    /// <exception cref="SpecException">A point cannot be run.</exception>
    public static IReadOnlyList<SweepPoint> Expand(ExperimentSpec spec)
    {
        if (spec.Sweep.Count == 0)
        {
            return [new SweepPoint(0, [], spec)];
        }

        JsonObject tree = SpecWriter.Tree(spec);
        tree.Remove("sweep");
        long count = spec.Sweep.Aggregate(1L, (n, s) => checked(n * s.Values.Count));
        if (count > 1_000_000)
        {
            throw new SpecException($"the sweep has {count} points; at most 1000000 are allowed: give fewer values");
        }

        var points = new List<SweepPoint>();
        for (int index = 0; index < count; index++)
        {
            var point = (JsonObject)tree.DeepClone();
            var values = new JsonNode[spec.Sweep.Count];
            int rest = index;
            for (int p = values.Length - 1; p >= 0; p--)
            {
                SweepSpec sweep = spec.Sweep[p];
                values[p] = sweep.Values[rest % sweep.Values.Count];
                rest /= sweep.Values.Count;
                SpecPath.Set(point, sweep.Parameter, values[p]);
            }

            try
            {
                points.Add(new SweepPoint(index, values, SpecReader.Read(point)));
            }
            catch (SpecException e)
            {
                string where = string.Join(", ", spec.Sweep.Select((s, p) => $"{s.Parameter} = {values[p].ToJsonString()}"));
                throw new SpecException($"sweep point {index} ({where}): {e.Message}");
            }
        }

        return points;
    }
}
