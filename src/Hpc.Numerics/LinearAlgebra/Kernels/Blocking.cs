namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>Arithmetic of cutting a length into blocks.</summary>
internal static class Blocking
{
    /// <summary>Number of blocks, the last one possibly shorter.</summary>
    public static int PanelCount(int length, int panel) => (length + panel - 1) / panel;

    public static int RoundUp(int length, int panel) => PanelCount(length, panel) * panel;

    /// <summary>Size of the blocks when a length is cut into as few equal ones of at most <paramref name="largest"/> as possible.</summary>
    public static int Balanced(int length, int largest) => length == 0 ? 0 : PanelCount(length, PanelCount(length, largest));
}
