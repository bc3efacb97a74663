using Hpc.Diffusion.Measurement;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Descent;

/// <summary>The networks of a noise-averaged descent at a list of epochs, for the sampled losses.</summary>
public sealed class NoiseAveragedReadouts(NoiseAveragedDescent descent, long[] epochs) : IReadouts, IDisposable
{
    private Matrix<double>? rotated;
    private Matrix<double>? readout;

    public int Count => epochs.Length;

    public void SetInputs(MatrixView<double> inputs)
    {
        if (rotated is null || rotated.Columns != inputs.Rows)
        {
            rotated?.Dispose();
            rotated = new Matrix<double>(descent.Features, inputs.Rows);
        }

        descent.RotatedFeatures(inputs, rotated.View);
    }

    public void Scores(int record, MatrixView<double> scores)
    {
        readout ??= new Matrix<double>(descent.Features, scores.Columns);
        descent.RotatedReadout(epochs[record], readout);
        descent.Scores(rotated!.View, readout.View, scores);
    }

    public void Dispose()
    {
        rotated?.Dispose();
        readout?.Dispose();
    }
}
