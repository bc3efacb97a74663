namespace Hpc.Cluster.Tests.Launching;

/// <summary>How a program ended.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}
