using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Measurement;

/// <summary>The readouts whose losses are measured, one a record: s_A(x) = readoutᵀ y, with y the features or a rotation of them.</summary>
public interface IReadouts
{
    int Count { get; }

    /// <summary>y for a block of features, P×n; may be the features themselves.</summary>
    MatrixView<double> Transform(MatrixView<double> features);

    /// <summary>Writes the readout of one record, transposed, to <paramref name="readout"/>, P×N.</summary>
    void Load(int record, Matrix<double> readout);
}
