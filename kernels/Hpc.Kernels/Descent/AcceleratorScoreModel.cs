using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Kernels.Sampling;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels.Descent;

/// <summary>
/// <see cref="IScoreModel"/> on an accelerator. A tile of n samples is noised, mapped to features Φ (P×n), turned into residuals
/// R = √Δ ΦᵀAᵀ + ξ (n×N) and added to the next readout, Aᵀ − cΦR, before the next tile is touched: no P×M matrix exists.
/// </summary>
/// <remarks>
/// An epoch does 6PMN operations and M·P activations in four kernels a tile. Two readouts take turns, so that all tiles of an epoch see
/// the same one and no gradient is stored.
/// </remarks>
internal sealed class AcceleratorScoreModel<T, TActivation> : IScoreModel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IElementwise<T>
{
    private readonly KernelLibrary<T> library;
    private readonly ScoreModelProblem problem;
    private readonly int features;
    private readonly int dimension;
    private readonly int tile;
    private readonly DeviceMatrix<T> firstLayer;
    private readonly DeviceMatrix<T> samples;
    private readonly DeviceMatrix<T> centroid;
    private readonly DeviceMatrix<T> fresh;
    private readonly DeviceMatrix<T> noised;
    private readonly DeviceMatrix<T> residuals;
    private readonly DeviceMatrix<T> featureTile;
    private readonly DeviceMatrix<T> tileLosses;
    private readonly Product<T> featureProduct;
    private readonly Product<T> residualProduct;
    private readonly Product<T> gradientProduct;
    private readonly Action<KernelConfig, DeviceView<T>, long, DeviceView<T>, DeviceView<T>, T, T, NormalsRange> noisedSamples;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, T, T> squareSums;
    private DeviceMatrix<T> readout;
    private DeviceMatrix<T> nextReadout;

    public AcceleratorScoreModel(KernelLibrary<T> library, ScoreModelProblem problem)
    {
        (this.library, this.problem) = (library, problem);
        (features, dimension) = (problem.FirstLayer.Rows, problem.FirstLayer.Columns);
        Accelerator accelerator = library.Accelerator;
        tile = problem.TileSamples;
        firstLayer = new DeviceMatrix<T>(accelerator, features, dimension);
        samples = new DeviceMatrix<T>(accelerator, problem.Samples.Rows, dimension);
        centroid = new DeviceMatrix<T>(accelerator, 1, dimension);
        fresh = new DeviceMatrix<T>(accelerator, tile, dimension);
        noised = new DeviceMatrix<T>(accelerator, tile, dimension);
        residuals = new DeviceMatrix<T>(accelerator, tile, dimension);
        featureTile = new DeviceMatrix<T>(accelerator, features, tile);
        tileLosses = new DeviceMatrix<T>(accelerator, tile, 1);
        readout = new DeviceMatrix<T>(accelerator, features, dimension);
        nextReadout = new DeviceMatrix<T>(accelerator, features, dimension);
        firstLayer.Upload(problem.FirstLayer.View);
        samples.Upload(problem.Samples.View);
        featureProduct = library.LoadProduct<AlongRows, AlongRows, TActivation>();
        residualProduct = library.LoadProduct<AcrossRows, AcrossRows, Linear<T>>();
        gradientProduct = library.LoadProduct<AlongRows, AcrossRows, Linear<T>>();
        noisedSamples = library.LoadNoisedSamples();
        squareSums = library.LoadRowSums<Square>();
    }

    public long Epoch { get; private set; }

    public static long Bytes(int features, int dimension, int samples, int tile) =>
        3 * DeviceMatrix<T>.BytesOf(features, dimension) + DeviceMatrix<T>.BytesOf(samples, dimension)
        + DeviceMatrix<T>.BytesOf(1, dimension)
        + 3 * DeviceMatrix<T>.BytesOf(tile, dimension) + DeviceMatrix<T>.BytesOf(features, tile) + DeviceMatrix<T>.BytesOf(tile, 1);

    public void LoadReadout(MatrixView<double> readout, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        this.readout.Upload(readout);
        Epoch = epoch;
    }

    public void StoreReadout(MatrixView<double> readout) => this.readout.Download(readout);

    public void Descend(long epochs)
    {
        double step = -2 * problem.LearningRate / (samples.Rows * problem.NoiseAmplitude);
        for (long end = Epoch + epochs; Epoch < end; Epoch++)
        {
            for (int first = 0; first < samples.Rows; first += tile)
            {
                int count = Math.Min(tile, samples.Rows - first);
                DeviceView<T> tileFeatures = featureTile.Reshaped(features, count), tileResiduals = residuals.Reshaped(count, dimension);
                Noise(samples.View, first, count, StreamPurpose.TrainingNoise, Epoch, first);
                Residuals(count);
                gradientProduct.Run(
                    tileFeatures, tileResiduals, count, T.CreateChecked(step), T.One, (first == 0 ? readout : nextReadout).View,
                    nextReadout.View);
            }

            (readout, nextReadout) = (nextReadout, readout);
        }
    }

    public void TrainingLosses(int firstSample, int sampleCount, long noiseStep, long firstDraw, Span<double> losses)
    {
        DeviceView<T> source = samples.View.RowRange(firstSample, sampleCount);
        for (int first = 0; first < losses.Length; first += tile)
        {
            int count = Math.Min(tile, losses.Length - first);
            Noise(source, firstDraw + first, count, StreamPurpose.TestNoise, noiseStep, firstDraw + first);
            Losses(losses.Slice(first, count));
        }
    }

    public void FreshLosses(ReadOnlySpan<double> centroid, double deviation, long step, long firstDraw, Span<double> losses)
    {
        using var host = new Matrix<double>(1, dimension);
        centroid.CopyTo(host.Row(0));
        this.centroid.Upload(host.View);
        for (int first = 0; first < losses.Length; first += tile)
        {
            int count = Math.Min(tile, losses.Length - first);
            Draw(this.centroid.View, 0, fresh, count, 1, deviation, StreamPurpose.TestData, step, firstDraw + first);
            Noise(fresh.View, 0, count, StreamPurpose.TestNoise, step, firstDraw + first);
            Losses(losses.Slice(first, count));
        }
    }

    public void ApplyCovariance(long firstStep, int draws, MatrixView<double> x, MatrixView<double> y)
    {
        Accelerator accelerator = library.Accelerator;
        using DeviceMatrix<T> input = new(accelerator, features, x.Columns), output = new(accelerator, features, x.Columns);
        using var overlaps = new DeviceMatrix<T>(accelerator, tile, x.Columns);
        input.Upload(x);
        T weight = T.CreateChecked(1.0 / draws / samples.Rows);
        for (int draw = 0; draw < draws; draw++)
        {
            for (int first = 0; first < samples.Rows; first += tile)
            {
                int count = Math.Min(tile, samples.Rows - first);
                DeviceView<T> tileFeatures = featureTile.Reshaped(features, count), tileOverlaps = overlaps.Reshaped(count, x.Columns);
                Noise(samples.View, first, count, StreamPurpose.TrainingNoise, firstStep + draw, first);
                Features(count);
                residualProduct.Run(tileFeatures, input.View, features, T.One, T.Zero, tileOverlaps, tileOverlaps);
                gradientProduct.Run(tileFeatures, tileOverlaps, count, weight, T.One, output.View, output.View);
            }
        }

        output.Download(y);
    }

    public void Dispose()
    {
        library.Accelerator.Synchronize();
        foreach (IDisposable part in (IDisposable[])
            [firstLayer, samples, centroid, fresh, noised, residuals, featureTile, tileLosses, readout, nextReadout, featureProduct,
             residualProduct, gradientProduct])
        {
            part.Dispose();
        }
    }

    /// <summary>ξ into the residuals and x_t into the noised samples.</summary>
    private void Noise(DeviceView<T> source, long sourceOffset, int count, StreamPurpose purpose, long step, long firstDraw) =>
        Draw(source, sourceOffset, noised, count, problem.Decay, problem.NoiseAmplitude, purpose, step, firstDraw);

    private void Draw(
        DeviceView<T> source, long sourceOffset, DeviceMatrix<T> target, int count, double decay, double amplitude, StreamPurpose purpose,
        long step, long firstDraw)
    {
        var range = new NormalsRange(problem.Seed, (uint)purpose, step, firstDraw * dimension);
        long blocks = ((long)count * dimension + 3) / 4 + 1;
        noisedSamples(
            library.Elementwise(blocks), source, sourceOffset, target.Reshaped(count, dimension), residuals.Reshaped(count, dimension),
            T.CreateChecked(decay), T.CreateChecked(amplitude), range);
    }

    /// <summary>Features of the noised samples.</summary>
    private void Features(int count)
    {
        DeviceView<T> tileFeatures = featureTile.Reshaped(features, count);
        featureProduct.Run(
            firstLayer.View, noised.Reshaped(count, dimension), dimension, T.CreateChecked(1 / Math.Sqrt(dimension)), T.Zero, tileFeatures,
            tileFeatures);
    }

    /// <summary>Features of the noised samples, and √Δ s_A + ξ in the place of ξ.</summary>
    private void Residuals(int count)
    {
        DeviceView<T> tileFeatures = featureTile.Reshaped(features, count), tileResiduals = residuals.Reshaped(count, dimension);
        Features(count);
        residualProduct.Run(
            tileFeatures, readout.View, features, T.CreateChecked(problem.NoiseAmplitude), T.One, tileResiduals, tileResiduals);
    }

    private void Losses(Span<double> losses)
    {
        int count = losses.Length;
        Residuals(count);
        squareSums(
            library.GroupPerRow(count), residuals.Reshaped(count, dimension), tileLosses.View, T.CreateChecked(1.0 / dimension), T.Zero);
        using var host = new Matrix<double>(tile, 1);
        tileLosses.Download(host.View);
        host.Span[..count].CopyTo(losses);
    }
}
