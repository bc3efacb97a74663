using System.Numerics.Tensors;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Descent;

/// <summary>
/// Gradient descent on the loss averaged over the noise, in closed form at any epoch (theory.md section 1): with U = EᵀΛE and
/// B_k = F_k(U)V, L^c = 1 − (2/N) tr(B_kᵀV_c) + (1/N) tr(B_kᵀU_cB_k).
/// </summary>
/// <remarks>
/// In the eigenbasis the linear term is Σ_i F_k(λ_i) (ẼV ẼV_cᵀ)_ii and the quadratic one fᵀ S_c f with f_i = F_k(λ_i) and
/// S_c = (E U_c Eᵀ)∘(EV(EV)ᵀ), so that all recorded epochs cost one product with S_c. Memory: five P×P matrices of doubles at most
/// (eigensolver workspace included).
/// </remarks>
public sealed class NoiseAveragedDescent : IDisposable
{
    private static readonly Kernel Product = Kernel.Of<double>("dense-operator"), Rotated = Kernel.Of<double>("rotated-readout");

    private readonly Realization realization;
    private readonly IFeatureStatistics statistics;
    private readonly ForwardProcess forward;
    private readonly ThreadTeam team;
    private readonly Matrix<double> eigenvectors;
    private readonly double[] trainGain;
    private readonly Matrix<double> projected;

    /// <summary>Computes U, checks the step size and decomposes U.</summary>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public NoiseAveragedDescent(
        Realization realization, IFeatureStatistics statistics, ForwardProcess forward, double learningRate,
        ISymmetricEigensolver eigensolver, ThreadTeam team, Action<string>? stage = null)
    {
        (this.realization, this.statistics, this.forward, this.team) = (realization, statistics, forward, team);
        LearningRate = learningRate;
        int features = realization.Model.Features;
        stage?.Invoke("covariance");
        eigenvectors = new Matrix<double>(features, features);
        Eigenvalues = new double[features];
        trainGain = statistics.TrainAll(eigenvectors);
        StepSize.Check(Apply, realization.Features, learningRate, realization.Seed);
        stage?.Invoke("eigensystem");
        eigensolver.Decompose(eigenvectors, Eigenvalues, vectors: true, team.Count);
        projected = Project(trainGain);
    }

    /// <summary>η₀.</summary>
    public double LearningRate { get; }

    /// <summary>Eigenvalues of U, ascending.</summary>
    public double[] Eigenvalues { get; }

    /// <summary>‖Vᵀψ_i‖²/N of every eigenvector: Σ_i of these over λ_i − z is (1/N) tr VᵀG(z)V (theory.md section 4).</summary>
    public double[] NoiseWeights =>
        [.. Enumerable.Range(0, Eigenvalues.Length).Select(i => TensorPrimitives.SumOfSquares<double>(projected.Row(i)) / realization.Model.Dimension)];

    private double NoiseFactor => Math.Sqrt(forward.NoiseLevel / realization.Model.Dimension);

    /// <summary>L_train^c and L_test^c at the given epochs, exact for this realization.</summary>
    public (ClassLosses Train, ClassLosses Test) Losses(long[] epochs, Action<string>? stage = null)
    {
        int features = Eigenvalues.Length, classes = realization.Model.Classes.Count;
        var train = new ClassLosses(epochs.Length, classes);
        var test = new ClassLosses(epochs.Length, classes);
        using Matrix<double> filters = Filters(epochs);
        using Matrix<double> covariance = new(features, features), half = new(features, features), overlaps = new(features, features);
        Syrk.Multiply(team, 1, projected.View, 0, overlaps.View);

        // The average over all samples is diagonal in the eigenbasis and needs no product; the largest class follows from it and the others.
        (double[] linear, double[] quadratic) = (new double[epochs.Length], new double[epochs.Length]);
        for (int r = 0; r < epochs.Length; r++)
        {
            for (int i = 0; i < features; i++)
            {
                double f = filters[i, r];
                linear[r] += f * overlaps[i, i];
                quadratic[r] += f * f * Eigenvalues[i] * overlaps[i, i];
            }
        }

        int derived = Array.IndexOf(realization.ClassSizes, realization.ClassSizes.Max());
        double derivedShare = (double)realization.ClassSizes[derived] / realization.Model.Samples;
        for (int c = 0; c < classes; c++)
        {
            if (c != derived)
            {
                stage?.Invoke($"train losses of class {c + 1}");
                double share = (double)realization.ClassSizes[c] / realization.Model.Samples;
                double[] gain = statistics.Train(c, covariance);
                (double[] l, double[] q) = Terms(gain, covariance, half, overlaps, filters);
                for (int r = 0; r < epochs.Length; r++)
                {
                    train[r, c] = Loss(l[r], q[r]);
                    linear[r] -= share * l[r];
                    quadratic[r] -= share * q[r];
                }
            }
        }

        for (int r = 0; r < epochs.Length; r++)
        {
            train[r, derived] = Loss(linear[r] / derivedShare, quadratic[r] / derivedShare);
        }

        for (int c = 0; c < classes; c++)
        {
            stage?.Invoke($"test losses of class {c + 1}");
            double[] gain = statistics.Test(c, covariance);
            (double[] l, double[] q) = Terms(gain, covariance, half, overlaps, filters);
            for (int r = 0; r < epochs.Length; r++)
            {
                test[r, c] = Loss(l[r], q[r]);
            }
        }

        return (train, test);
    }

    /// <summary>
    /// Readout A_k = −Δ^{−1/2}(F_k(U)V)ᵀ written against the rotated features y = Eφ: column i of the result, P×N transposed, weighs y_i.
    /// </summary>
    /// <param name="epoch">k.</param>
    /// <param name="readout">Receives −Δ^{−1/2} diag(F_k(Λ)) E V, P×N; s_A = readoutᵀ y.</param>
    public void RotatedReadout(long epoch, Matrix<double> readout)
    {
        double scale = -1 / forward.NoiseAmplitude;
        using KernelScope scope = Rotated.Enter(readout.Length + Eigenvalues.Length, 2.0 * sizeof(double) * readout.Length);
        team.For(Eigenvalues.Length, i =>
            TensorPrimitives.Multiply(projected.Row(i), scale * EpochSchedule.Filter(Eigenvalues[i], LearningRate, epoch), readout.Row(i)));
    }

    /// <summary>y = Eφ for a block of inputs x, n×N, as a P×n block.</summary>
    public void RotatedFeatures(MatrixView<double> inputs, MatrixView<double> rotated)
    {
        using var features = new Matrix<double>(Eigenvalues.Length, inputs.Rows);
        RandomFeatures.Compute(team, realization.Model.Activation, realization.FirstLayer.View, inputs, features.View);
        Gemm.Multiply(team, 1, eigenvectors.View, features.View, 0, rotated);
    }

    /// <summary>s_A = readoutᵀ y for a block of rotated features and a readout of <see cref="RotatedReadout"/>, n×N.</summary>
    public void Scores(MatrixView<double> rotated, MatrixView<double> readout, MatrixView<double> scores) =>
        Gemm.Multiply(team, 1, rotated.Transposed, readout, 0, scores);

    public void Dispose()
    {
        eigenvectors.Dispose();
        projected.Dispose();
    }

    private double Loss(double linear, double quadratic) => 1 + (quadratic - 2 * linear) / realization.Model.Dimension;

    private void Apply(ReadOnlySpan<double> x, Span<double> y)
    {
        double[] input = x.ToArray(), output = new double[y.Length];
        using KernelScope scope = Product.Enter(2.0 * eigenvectors.Length, sizeof(double) * (eigenvectors.Length + 2.0 * y.Length));
        team.For(output.Length, i => output[i] = TensorPrimitives.Dot<double>(eigenvectors.Row(i), input));
        output.CopyTo(y);
    }

    /// <summary>F_k(λ_i), P × epochs.</summary>
    private Matrix<double> Filters(long[] epochs)
    {
        var filters = new Matrix<double>(Eigenvalues.Length, epochs.Length);
        team.For(Eigenvalues.Length, i =>
        {
            for (int r = 0; r < epochs.Length; r++)
            {
                filters[i, r] = EpochSchedule.Filter(Eigenvalues[i], LearningRate, epochs[r]);
            }
        });
        return filters;
    }

    /// <summary>E V with V = √Δ diag(gain) W/√N, P×N.</summary>
    private Matrix<double> Project(double[] gain)
    {
        int features = realization.Model.Features, dimension = realization.Model.Dimension;
        using var correlation = new Matrix<double>(features, dimension);
        team.For(features, i => TensorPrimitives.Multiply(realization.FirstLayer.Row(i), NoiseFactor * gain[i], correlation.Row(i)));
        var result = new Matrix<double>(features, dimension);
        Gemm.Multiply(team, 1, eigenvectors.View, correlation.View, 0, result.View);
        return result;
    }

    /// <summary>tr(BᵀV_c) and tr(BᵀU_cB) at every recorded epoch; <paramref name="covariance"/> and <paramref name="half"/> are overwritten.</summary>
    private (double[] Linear, double[] Quadratic) Terms(
        double[] gain, Matrix<double> covariance, Matrix<double> half, Matrix<double> overlaps, Matrix<double> filters)
    {
        int features = Eigenvalues.Length, records = filters.Columns;
        Gemm.Multiply(team, 1, eigenvectors.View, covariance.View, 0, half.View);
        Gemm.Multiply(team, 1, half.View, eigenvectors.Transposed, 0, covariance.View);
        team.For(features, i => TensorPrimitives.Multiply(covariance.Row(i), overlaps.Row(i), covariance.Row(i)));
        using var weighted = new Matrix<double>(features, records);
        Gemm.Multiply(team, 1, covariance.View, filters.View, 0, weighted.View);

        using Matrix<double> classProjected = Project(gain);
        double[] linear = new double[records], quadratic = new double[records];
        for (int i = 0; i < features; i++)
        {
            TensorPrimitives.MultiplyAdd(filters.Row(i), TensorPrimitives.Dot<double>(projected.Row(i), classProjected.Row(i)), linear, linear);
            TensorPrimitives.Multiply(weighted.Row(i), filters.Row(i), weighted.Row(i));
            TensorPrimitives.Add(quadratic, weighted.Row(i), quadratic);
        }

        return (linear, quadratic);
    }
}
