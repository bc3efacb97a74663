using System.Globalization;

namespace Hpc.Cluster;

/// <summary>The share of a job in an array of independent jobs that work on the same folder: every <see cref="Count"/>-th task.</summary>
/// <param name="Index">Which job, 0 … <paramref name="Count"/> − 1.</param>
/// <param name="Count">Number of jobs.</param>
public sealed record ArrayPart(int Index, int Count)
{
    /// <summary>What Slurm says about this job; null when it is not part of an array.</summary>
    /// <exception cref="InvalidOperationException">The array has gaps or a step, so that shares would be missing.</exception>
    public static ArrayPart? FromEnvironment() => Read(Environment.GetEnvironmentVariable);

    /// <summary>Whether the task at a position of the list of all tasks (finished ones too) is of this share.</summary>
    public bool Contains(int position) => position % Count == Index;

    internal static ArrayPart? Read(Func<string, string?> variable)
    {
        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

        if (Number("SLURM_ARRAY_TASK_ID") is not { } id || Number("SLURM_ARRAY_TASK_COUNT") is not { } count)
        {
            return null;
        }

        int first = Number("SLURM_ARRAY_TASK_MIN") ?? 0;
        return Number("SLURM_ARRAY_TASK_MAX") is { } last && last - first + 1 != count
            ? throw new InvalidOperationException($"the job array {first}-{last} has only {count} jobs: submit it without gaps and without a step")
            : new ArrayPart(id - first, count);
    }
}
