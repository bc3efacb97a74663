namespace Hpc.Cli.Figures;

/// <summary>The parts of the spectrum of U (theory.md section 4); a bulk may hold more than one where they have merged.</summary>
[Flags]
public enum BulkKinds
{
    None = 0,
    NoiseFloor = 1,
    Memorization = 2,
    Generalization = 4,
}
