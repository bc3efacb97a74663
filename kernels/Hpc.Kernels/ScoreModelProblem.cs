using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Kernels;

/// <summary>What a score model on a device is made of (theory.md section 1).</summary>
public sealed record ScoreModelProblem
{
    /// <summary>W, P×N.</summary>
    public required Matrix<double> FirstLayer { get; init; }

    /// <summary>The training samples x^μ, M×N.</summary>
    public required Matrix<double> Samples { get; init; }

    /// <summary>Seed of the noise streams.</summary>
    public required uint Seed { get; init; }

    /// <summary>e^{−t}.</summary>
    public required double Decay { get; init; }

    /// <summary>√Δ.</summary>
    public required double NoiseAmplitude { get; init; }

    /// <summary>η₀; 0 where the model is only measured.</summary>
    public double LearningRate { get; init; }

    /// <summary>Samples that are worked on at a time; the features of so many are in memory, P × this.</summary>
    public int TileSamples { get; init; } = 1024;
}
