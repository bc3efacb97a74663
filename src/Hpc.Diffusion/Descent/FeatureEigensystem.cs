using System.Numerics.Tensors;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Descent;

/// <summary>
/// The eigensystem of the feature covariance of one realization, U = EᵀΛE, and the losses' terms in its eigenbasis: all that noise-averaged
/// descents of any learning rate and length have in common, and nearly all that they cost.
/// </summary>
/// <remarks>Memory: five P×P matrices of doubles at most (eigensolver workspace included), and 2K − 1 more where the terms are kept.</remarks>
public sealed class FeatureEigensystem : IDisposable
{
    private static readonly Kernel Product = Kernel.Of<double>("dense-operator");

    private readonly IFeatureStatistics statistics;
    private readonly Dictionary<(bool Train, int Class), ClassTerms>? kept;
    private readonly double largestBound;

    /// <summary>Computes U, checks the step size and decomposes U.</summary>
    /// <param name="realization">W and the training samples; not disposed with this.</param>
    /// <param name="statistics">U and V of it.</param>
    /// <param name="forward">The noise.</param>
    /// <param name="learningRate">η₀ of the first descent, so that one that diverges is refused before the decomposition.</param>
    /// <param name="eigensolver">Decomposes U.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="stage">Told what is being done.</param>
    /// <param name="keepsTerms">Whether the terms of every class are kept for further descents.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public FeatureEigensystem(
        Realization realization, IFeatureStatistics statistics, ForwardProcess forward, double learningRate, ISymmetricEigensolver eigensolver,
        ThreadTeam team, Action<string>? stage = null, bool keepsTerms = false)
    {
        (Realization, this.statistics, Forward, Team) = (realization, statistics, forward, team);
        kept = keepsTerms ? [] : null;
        int features = realization.Model.Features;
        stage?.Invoke("covariance");
        Vectors = new Matrix<double>(features, features);
        Values = new double[features];
        double[] gain = statistics.TrainAll(Vectors);
        (_, largestBound) = StepSize.Largest(Apply, realization.Features, realization.Seed);
        CheckStep(learningRate);
        stage?.Invoke("eigensystem");
        eigensolver.Decompose(Vectors, Values, vectors: true, team.Count);
        Projected = Project(gain);
    }

    public Realization Realization { get; }

    public ForwardProcess Forward { get; }

    /// <summary>Eigenvalues of U, ascending.</summary>
    public double[] Values { get; }

    /// <summary>‖Vᵀψ_i‖²/N of every eigenvector: Σ_i of these over λ_i − z is (1/N) tr VᵀG(z)V (theory.md section 4).</summary>
    public double[] NoiseWeights =>
        [.. Enumerable.Range(0, Values.Length).Select(i => TensorPrimitives.SumOfSquares<double>(Projected.Row(i)) / Realization.Model.Dimension)];

    /// <summary>Threads to compute with.</summary>
    internal ThreadTeam Team { get; }

    /// <summary>E: row i is the eigenvector of eigenvalue i.</summary>
    internal Matrix<double> Vectors { get; }

    /// <summary>E V, P×N.</summary>
    internal Matrix<double> Projected { get; }

    /// <summary>Refuses a learning rate with which descent diverges.</summary>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public void CheckStep(double learningRate) => StepSize.Check(largestBound, learningRate);

    public void Dispose()
    {
        Vectors.Dispose();
        Projected.Dispose();
        foreach (ClassTerms terms in kept?.Values ?? (IEnumerable<ClassTerms>)[])
        {
            terms.Dispose();
        }
    }

    /// <summary>EV(EV)ᵀ, P×P.</summary>
    internal Matrix<double> Overlaps()
    {
        var overlaps = new Matrix<double>(Values.Length, Values.Length);
        Syrk.Multiply(Team, 1, Projected.View, 0, overlaps.View);
        return overlaps;
    }

    /// <summary>Uses the terms of a class, over training samples or fresh ones, computing them where they are not kept.</summary>
    /// <param name="train">Whether over training samples.</param>
    /// <param name="c">The class.</param>
    /// <param name="overlaps">EV(EV)ᵀ.</param>
    /// <param name="use">What is done with them.</param>
    internal T With<T>(bool train, int c, Matrix<double> overlaps, Func<ClassTerms, T> use)
    {
        if (kept is null)
        {
            using ClassTerms terms = Compute(train, c, overlaps);
            return use(terms);
        }

        if (!kept.TryGetValue((train, c), out ClassTerms? found))
        {
            found = Compute(train, c, overlaps);
            kept.Add((train, c), found);
        }

        return use(found);
    }

    private ClassTerms Compute(bool train, int c, Matrix<double> overlaps)
    {
        int features = Values.Length;
        var quadratic = new Matrix<double>(features, features);
        double[] gain = train ? statistics.Train(c, quadratic) : statistics.Test(c, quadratic);
        using (var half = new Matrix<double>(features, features))
        {
            Gemm.Multiply(Team, 1, Vectors.View, quadratic.View, 0, half.View);
            Gemm.Multiply(Team, 1, half.View, Vectors.Transposed, 0, quadratic.View);
        }

        Team.For(features, i => TensorPrimitives.Multiply(quadratic.Row(i), overlaps.Row(i), quadratic.Row(i)));
        using Matrix<double> projected = Project(gain);
        return new ClassTerms([.. Enumerable.Range(0, features).Select(i => TensorPrimitives.Dot<double>(Projected.Row(i), projected.Row(i)))], quadratic);
    }

    private void Apply(ReadOnlySpan<double> x, Span<double> y)
    {
        double[] input = x.ToArray(), output = new double[y.Length];
        using KernelScope scope = Product.Enter(2.0 * Vectors.Length, sizeof(double) * (Vectors.Length + 2.0 * y.Length));
        Team.For(output.Length, i => output[i] = TensorPrimitives.Dot<double>(Vectors.Row(i), input));
        output.CopyTo(y);
    }

    /// <summary>E V with V = √Δ diag(gain) W/√N, P×N.</summary>
    private Matrix<double> Project(double[] gain)
    {
        int features = Realization.Model.Features, dimension = Realization.Model.Dimension;
        double factor = Math.Sqrt(Forward.NoiseLevel / dimension);
        using var correlation = new Matrix<double>(features, dimension);
        Team.For(features, i => TensorPrimitives.Multiply(Realization.FirstLayer.Row(i), factor * gain[i], correlation.Row(i)));
        var result = new Matrix<double>(features, dimension);
        Gemm.Multiply(Team, 1, Vectors.View, correlation.View, 0, result.View);
        return result;
    }
}
