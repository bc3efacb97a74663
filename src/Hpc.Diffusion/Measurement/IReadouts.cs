using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Measurement;

/// <summary>The score networks whose losses are measured, one a record, with the first layer in common.</summary>
public interface IReadouts
{
    int Count { get; }

    /// <summary>Takes in the inputs x_t of the scores that are asked for next, n×N.</summary>
    void SetInputs(MatrixView<double> inputs);

    /// <summary>Writes s_A(x_t) of one record's network to <paramref name="scores"/>, n×N.</summary>
    void Scores(int record, MatrixView<double> scores);

    /// <summary>Errors of one record's network on the inputs, as <see cref="SampleErrors.Compute"/> has them of its scores.</summary>
    /// <inheritdoc cref="SampleErrors.Compute" path="/param"/>
    /// <param name="record">The network.</param>
    void Errors(int record, Matrix<double> noise, Matrix<double> exact, double amplitude, Span<double> losses, Span<double> scoreErrors)
    {
        using var scores = new Matrix<double>(noise.Rows, noise.Columns);
        Scores(record, scores.View);
        SampleErrors.Compute(scores, noise, exact, amplitude, losses, scoreErrors);
    }
}
