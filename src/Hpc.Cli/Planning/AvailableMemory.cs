namespace Hpc.Cli.Planning;

/// <summary>How much memory a run may take.</summary>
internal static class AvailableMemory
{
    /// <summary>Share of the machine's memory that a run may take.</summary>
    private const double Share = 0.9;

    /// <summary>Bytes for each of the ranks that share this machine.</summary>
    public static double Of(int localRanks) => Share * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / localRanks;
}
