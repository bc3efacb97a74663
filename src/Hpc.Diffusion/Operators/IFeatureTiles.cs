using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Feature vectors of a list of inputs, given a tile at a time, so that P×M numbers need never be in memory together.</summary>
public interface IFeatureTiles
{
    /// <summary>P, the length of a feature vector.</summary>
    int Features { get; }

    /// <summary>Number of feature vectors.</summary>
    int Count { get; }

    /// <summary>Bytes held.</summary>
    long MemoryBytes { get; }

    /// <summary>Floating-point operations to fill one feature vector; 0 when it is only read.</summary>
    double FlopsPerVector { get; }

    /// <summary>Fills <paramref name="tile"/> with the feature vectors first, first + 1, …, a row each.</summary>
    /// <param name="first">Index of the first.</param>
    /// <param name="tile">b×P, rows contiguous.</param>
    void Fill(int first, MatrixView<double> tile);
}
