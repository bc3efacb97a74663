using System.Numerics;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Kernels;

/// <summary>
/// One epoch of gradient descent on the denoising loss with fresh noise (theory.md section 1), epoch by epoch as the literature runs it:
/// <code>
/// x_t = e^{−t} x + √Δ ξ,  Φ = φ(W x_t/√N),  R = √Δ A Φ + ξ,  L = ‖R‖²/(N M),  A ← A − (2η₀/(√Δ M)) R Φᵀ
/// </code>
/// The P×M features never exist as a whole: tiles of samples go through both products while they are in the cache. An epoch allocates
/// nothing, and its result does not depend on the number of threads.
/// </summary>
/// <typeparam name="T">
/// <see cref="float"/> or <see cref="double"/>: precision of the products. The readout is accumulated in double over the epochs.
/// </typeparam>
public abstract class FreshNoiseEpoch<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>A (N × P), zero at first; of P those features that are here. The caller may change it between epochs.</summary>
    public abstract MatrixView<double> Readout { get; }

    /// <summary>Prepares epochs of one realization.</summary>
    /// <param name="team">The threads that share the work, used and not owned.</param>
    /// <param name="firstLayer">W, P × N; copied. Of P those features that are here.</param>
    /// <param name="samples">x, M × N, the samples of a class next to each other in the order of the classes; copied.</param>
    /// <param name="classSizes">M_c, summing to M.</param>
    /// <param name="diffusionTime">t &gt; 0.</param>
    /// <param name="learningRate">η₀ &gt; 0: an epoch advances the training time s by 2η₀.</param>
    /// <param name="noise">Where ξ comes from.</param>
    /// <param name="share">How the features are divided among processes, which add up their scores A Φ; null when they are not.</param>
    /// <typeparam name="TActivation">φ.</typeparam>
    /// <exception cref="ArgumentException">Shapes do not fit together, or a number is out of its range.</exception>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    public static FreshNoiseEpoch<T> Create<TActivation>(
        ThreadTeam team, MatrixView<T> firstLayer, MatrixView<T> samples, ReadOnlySpan<int> classSizes,
        double diffusionTime, double learningRate, NoiseSource<T> noise, RowShare? share = null)
        where TActivation : struct, IElementwise<T>
        => Create<TActivation>(SimdSupport.Widest, team, firstLayer, samples, classSizes, diffusionTime, learningRate, noise, share);

    internal static FreshNoiseEpoch<T> Create<TActivation>(
        SimdWidth width, ThreadTeam team, MatrixView<T> firstLayer, MatrixView<T> samples, ReadOnlySpan<int> classSizes,
        double diffusionTime, double learningRate, NoiseSource<T> noise, RowShare? share = null)
        where TActivation : struct, IElementwise<T>
    {
        ArgumentNullException.ThrowIfNull(team);
        ArgumentNullException.ThrowIfNull(noise);
        ProductArguments.RequireFloatOrDouble<T>();
        if (firstLayer.Columns != samples.Columns || firstLayer.Columns == 0 || firstLayer.Rows == 0 || samples.Rows == 0)
        {
            throw new ArgumentException(
                $"The first layer is {firstLayer.Rows}×{firstLayer.Columns} and the samples are {samples.Rows}×{samples.Columns}: "
                + "give both the same number of columns (the dimension), and at least one row and column.");
        }

        int sum = 0;
        foreach (int size in classSizes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(classSizes));
            sum += size;
        }

        if (sum != samples.Rows)
        {
            throw new ArgumentException(
                $"The class sizes sum to {sum} and there are {samples.Rows} samples: make them equal.", nameof(classSizes));
        }

        if (!(diffusionTime > 0) || !double.IsFinite(diffusionTime))
        {
            throw new ArgumentOutOfRangeException(nameof(diffusionTime), diffusionTime, "The diffusion time must be positive and finite.");
        }

        if (!(learningRate > 0) || !double.IsFinite(learningRate))
        {
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "The learning rate must be positive and finite.");
        }

        return width switch
        {
            SimdWidth.Vector512 => new TiledFreshNoiseEpoch<T, Tile512<T>, TActivation>(
                team, firstLayer, samples, classSizes, diffusionTime, learningRate, noise, share),
            SimdWidth.Vector256 => new TiledFreshNoiseEpoch<T, Tile256<T>, TActivation>(
                team, firstLayer, samples, classSizes, diffusionTime, learningRate, noise, share),
            _ => new TiledFreshNoiseEpoch<T, TileScalar<T>, TActivation>(
                team, firstLayer, samples, classSizes, diffusionTime, learningRate, noise, share),
        };
    }

    /// <summary>Runs one epoch.</summary>
    /// <param name="epoch">Passed on to the noise source.</param>
    /// <param name="classLosses">
    /// K values: the mean over the samples of a class of ‖R‖²/N with the readout from before the step; NaN for a class without samples.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="classLosses"/> has another length than K.</exception>
    public abstract void Run(long epoch, Span<double> classLosses);

    /// <summary>Frees the workspaces, the readout among them.</summary>
    public abstract void Dispose();
}
