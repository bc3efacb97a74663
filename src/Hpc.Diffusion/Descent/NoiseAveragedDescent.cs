using System.Numerics.Tensors;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Descent;

/// <summary>
/// Gradient descent on the loss averaged over the noise, in closed form at any epoch (theory.md section 1): with U = EᵀΛE and
/// B_k = F_k(U)V, L^c = 1 − (2/N) tr(B_kᵀV_c) + (1/N) tr(B_kᵀU_cB_k).
/// </summary>
/// <remarks>
/// In the eigenbasis the linear term is Σ_i F_k(λ_i) (EV (EV_c)ᵀ)_ii and the quadratic one fᵀ S_c f with f_i = F_k(λ_i) and
/// S_c = (E U_c Eᵀ)∘(EV(EV)ᵀ), so that all recorded epochs cost one product with S_c.
/// </remarks>
public sealed class NoiseAveragedDescent
{
    private static readonly Kernel Rotated = Kernel.Of<double>("rotated-readout");

    private readonly FeatureEigensystem eigensystem;

    /// <param name="eigensystem">The eigensystem of U; not disposed with this.</param>
    /// <param name="learningRate">η₀.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public NoiseAveragedDescent(FeatureEigensystem eigensystem, double learningRate)
    {
        eigensystem.CheckStep(learningRate);
        (this.eigensystem, LearningRate) = (eigensystem, learningRate);
    }

    /// <summary>η₀.</summary>
    public double LearningRate { get; }

    /// <summary>P.</summary>
    public int Features => Eigenvalues.Length;

    private double[] Eigenvalues => eigensystem.Values;

    private Realization Realization => eigensystem.Realization;

    private ThreadTeam Team => eigensystem.Team;

    /// <summary>L_train^c and L_test^c at the given epochs, exact for this realization.</summary>
    public (ClassLosses Train, ClassLosses Test) Losses(long[] epochs, Action<string>? stage = null)
    {
        int classes = Realization.Model.Classes.Count;
        var train = new ClassLosses(epochs.Length, classes);
        var test = new ClassLosses(epochs.Length, classes);
        using Matrix<double> filters = Filters(epochs), overlaps = eigensystem.Overlaps();

        // The average over all samples is diagonal in the eigenbasis and needs no product; the largest class follows from it and the others.
        (double[] linear, double[] quadratic) = (new double[epochs.Length], new double[epochs.Length]);
        for (int r = 0; r < epochs.Length; r++)
        {
            for (int i = 0; i < Features; i++)
            {
                double f = filters[i, r];
                linear[r] += f * overlaps[i, i];
                quadratic[r] += f * f * Eigenvalues[i] * overlaps[i, i];
            }
        }

        int derived = Array.IndexOf(Realization.ClassSizes, Realization.ClassSizes.Max());
        double derivedShare = (double)Realization.ClassSizes[derived] / Realization.Model.Samples;
        for (int c = 0; c < classes; c++)
        {
            if (c != derived)
            {
                stage?.Invoke($"train losses of class {c + 1}");
                double share = (double)Realization.ClassSizes[c] / Realization.Model.Samples;
                (double[] l, double[] q) = eigensystem.With(train: true, c, overlaps, terms => Sums(terms, filters));
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
            (double[] l, double[] q) = eigensystem.With(train: false, c, overlaps, terms => Sums(terms, filters));
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
        double scale = -1 / eigensystem.Forward.NoiseAmplitude;
        using KernelScope scope = Rotated.Enter(readout.Length + Features, 2.0 * sizeof(double) * readout.Length);
        Team.For(Features, i =>
            TensorPrimitives.Multiply(eigensystem.Projected.Row(i), scale * EpochSchedule.Filter(Eigenvalues[i], LearningRate, epoch), readout.Row(i)));
    }

    /// <summary>y = Eφ for a block of inputs x, n×N, as a P×n block.</summary>
    public void RotatedFeatures(MatrixView<double> inputs, MatrixView<double> rotated)
    {
        using var features = new Matrix<double>(Features, inputs.Rows);
        RandomFeatures.Compute(Team, Realization.Model.Activation, Realization.FirstLayer.View, inputs, features.View);
        Gemm.Multiply(Team, 1, eigensystem.Vectors.View, features.View, 0, rotated);
    }

    /// <summary>s_A = readoutᵀ y for a block of rotated features and a readout of <see cref="RotatedReadout"/>, n×N.</summary>
    public void Scores(MatrixView<double> rotated, MatrixView<double> readout, MatrixView<double> scores) =>
        Gemm.Multiply(Team, 1, rotated.Transposed, readout, 0, scores);

    private double Loss(double linear, double quadratic) => 1 + (quadratic - 2 * linear) / Realization.Model.Dimension;

    /// <summary>F_k(λ_i), P × epochs.</summary>
    private Matrix<double> Filters(long[] epochs)
    {
        var filters = new Matrix<double>(Features, epochs.Length);
        Team.For(Features, i =>
        {
            for (int r = 0; r < epochs.Length; r++)
            {
                filters[i, r] = EpochSchedule.Filter(Eigenvalues[i], LearningRate, epochs[r]);
            }
        });
        return filters;
    }

    /// <summary>tr(BᵀV_c) and tr(BᵀU_cB) at every recorded epoch.</summary>
    private (double[] Linear, double[] Quadratic) Sums(ClassTerms terms, Matrix<double> filters)
    {
        int records = filters.Columns;
        using var weighted = new Matrix<double>(Features, records);
        Gemm.Multiply(Team, 1, terms.Quadratic.View, filters.View, 0, weighted.View);
        double[] linear = new double[records], quadratic = new double[records];
        for (int i = 0; i < Features; i++)
        {
            TensorPrimitives.MultiplyAdd(filters.Row(i), terms.Linear[i], linear, linear);
            TensorPrimitives.Multiply(weighted.Row(i), filters.Row(i), weighted.Row(i));
            TensorPrimitives.Add(quadratic, weighted.Row(i), quadratic);
        }

        return (linear, quadratic);
    }
}
