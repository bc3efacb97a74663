using System.Globalization;
using System.Text.Json;

namespace Hpc.Results;

/// <summary>Where a result comes from: the root attributes that every result file has.</summary>
public sealed record Provenance
{
    public const string TaskHashAttribute = "task_hash";

    /// <summary>The resolved spec, JSON.</summary>
    public required string Spec { get; init; }

    /// <summary>Hash of the resolved physics of the task, or of all tasks in a merged file.</summary>
    public required string TaskHash { get; init; }

    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>Commit that the program was built from, or "unknown".</summary>
    public required string GitCommit { get; init; }

    /// <summary>True when the program was built with changes that are not in <see cref="GitCommit"/>.</summary>
    public required bool GitDirty { get; init; }

    public required string CommandLine { get; init; }

    /// <summary>Version by component: engine, dotnet, and what the backend adds.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    public required string Device { get; init; }

    /// <summary>single or double.</summary>
    public required string Precision { get; init; }

    public required string Host { get; init; }

    /// <summary>Number of ranks; 1 without MPI.</summary>
    public required int MpiSize { get; init; }

    /// <summary>Slurm's job id (with the index of an array task), or "" outside Slurm.</summary>
    public required string SlurmJobId { get; init; }

    public required DateTime StartUtc { get; init; }

    public required DateTime EndUtc { get; init; }

    /// <summary>The attributes by their names in the file; versions as a JSON object, times as ISO 8601, git_dirty as 0 or 1.</summary>
    public IReadOnlyDictionary<string, object> ToAttributes() => new Dictionary<string, object>
    {
        ["spec"] = Spec,
        [TaskHashAttribute] = TaskHash,
        ["seeds"] = Seeds.ToArray(),
        ["git_commit"] = GitCommit,
        ["git_dirty"] = GitDirty ? 1L : 0L,
        ["command_line"] = CommandLine,
        ["versions"] = JsonSerializer.Serialize(Versions),
        ["device"] = Device,
        ["precision"] = Precision,
        ["host"] = Host,
        ["mpi_size"] = (long)MpiSize,
        ["slurm_job_id"] = SlurmJobId,
        ["start_utc"] = Iso(StartUtc),
        ["end_utc"] = Iso(EndUtc),
    };

    private static string Iso(DateTime time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
