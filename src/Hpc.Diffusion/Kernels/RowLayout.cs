namespace Hpc.Diffusion.Kernels;

/// <summary>The order of elements in <see cref="InterleavedRows{T}"/>.</summary>
internal static class RowLayout
{
    /// <summary>Rows of a group.</summary>
    public const int GroupRows = 8;

    /// <summary>Elements of a piece.</summary>
    public const int PieceLength = 16;

    /// <summary>Elements of a piece of all rows of a group.</summary>
    public const int PieceElements = GroupRows * PieceLength;

    /// <summary>Bytes of a cache line.</summary>
    public const int LineBytes = 64;
}
