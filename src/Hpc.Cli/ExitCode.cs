namespace Hpc.Cli;

/// <summary>How the program ends (design.md, "Program").</summary>
public static class ExitCode
{
    public const int Done = 0;

    public const int TaskFailed = 1;

    /// <summary>Bad usage, or a spec that cannot be run.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by a signal with everything saved: run again to go on.</summary>
    public const int Stopped = 3;
}
