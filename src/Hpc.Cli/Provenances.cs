using System.Reflection;
using System.Runtime.InteropServices;
using Hpc.Results;

namespace Hpc.Cli;

/// <summary>Where results come from: this build, this machine, this command.</summary>
public static class Provenances
{
    private static readonly Assembly Engine = typeof(Provenances).Assembly;

    public static string EngineVersion { get; } =
        Engine.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static string GitCommit { get; } = Metadata("GitCommit") is { Length: > 0 } commit ? commit : "unknown";

    private static bool GitDirty { get; } = Metadata("GitDirty") == "true";

    /// <summary>The provenance of a file that is written now.</summary>
    public static Provenance Create(
        string spec, string taskHash, IReadOnlyList<long> seeds, string device, string precision, int mpiSize, DateTime start, IReadOnlyDictionary<string, string> backend) => new()
        {
            Spec = spec,
            TaskHash = taskHash,
            Seeds = seeds,
            GitCommit = GitCommit,
            GitDirty = GitDirty,
            CommandLine = string.Join(' ', ["hpc", .. Environment.GetCommandLineArgs().Skip(1)]),
            Versions = new Dictionary<string, string>(backend) { ["engine"] = EngineVersion, ["dotnet"] = RuntimeInformation.FrameworkDescription },
            Device = device,
            Precision = precision,
            Host = Environment.MachineName,
            MpiSize = mpiSize,
            SlurmJobId = Environment.GetEnvironmentVariable("SLURM_JOB_ID") ?? "",
            StartUtc = start,
            EndUtc = DateTime.UtcNow,
        };

    private static string? Metadata(string key) =>
        Engine.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;
}
