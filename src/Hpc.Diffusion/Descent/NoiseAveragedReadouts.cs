using Hpc.Diffusion.Measurement;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Descent;

/// <summary>The readouts of a noise-averaged descent at a list of epochs, for the sampled losses.</summary>
public sealed class NoiseAveragedReadouts(NoiseAveragedDescent descent, long[] epochs) : IReadouts, IDisposable
{
    private Matrix<double>? rotated;

    public int Count => epochs.Length;

    public MatrixView<double> Transform(MatrixView<double> features)
    {
        if (rotated is null || rotated.Columns < features.Columns)
        {
            rotated?.Dispose();
            rotated = new Matrix<double>(features.Rows, features.Columns);
        }

        MatrixView<double> target = rotated.View.Slice(0, 0, features.Rows, features.Columns);
        descent.Rotate(features, target);
        return target;
    }

    public void Load(int record, Matrix<double> readout) => descent.RotatedReadout(epochs[record], readout);

    public void Dispose() => rotated?.Dispose();
}
