using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;
using static Hpc.Numerics.LinearAlgebra.Kernels.Blocking;

namespace Hpc.Diffusion.Kernels;

/// <summary>
/// The fresh-noise epoch on register tiles of one width. Each tile of samples goes through five steps: noise and noised samples x_t,
/// features Φ = φ(W x_t/√N), scores S = A Φ, residuals R = √Δ S + ξ, gradient G += R Φᵀ.
/// </summary>
/// <remarks>
/// The steps are three parallel regions: scores; residuals, with the noise of the next tile; gradient, with the features of the next tile
/// in the place of those that it has just read.
/// Panels are <c>TTile.Columns</c> samples wide, and the features of a tile are row-major over all its samples, so that they are the
/// right factor of the scores (row k, contiguous samples) and the left factor of Gᵀ += Φ Rᵀ (row i) without being copied. Each thread
/// owns elements of every result, and the order of every sum is fixed by the shapes alone.
/// </remarks>
internal sealed unsafe class TiledFreshNoiseEpoch<T, TTile, TActivation> : FreshNoiseEpoch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TTile : struct, IRegisterTile<T>
    where TActivation : struct, IElementwise<T>
{
    // W, A and the gradient pass through the cache once per tile, the features three times: 256 samples balance the two.
    private const int LargestTile = 256;

    // Depth of the sums in registers, and columns of the gradient at a time: 256 features of 256 samples are 256 KB in single.
    private const int LargestDepth = 256;

    private const int FeaturePanelsPerUnit = 8;

    private static readonly Kernel Epoch = Kernel.Of<T>("fresh-noise-epoch");

    private readonly ThreadTeam team;
    private readonly NoiseSource<T> noise;
    private readonly RowShare? share;
    private readonly int dimension;
    private readonly int features;
    private readonly int samples;
    private readonly int[] classSizes;
    private readonly T noiseAmplitude;
    private readonly double step;

    private readonly int tileSamples;
    private readonly int dimensionDepth;
    private readonly int featureDepth;
    private readonly int featurePanelRows;
    private readonly int scorePanelRows;

    private readonly Matrix<double> readout; // P × N, the transpose of A
    private readonly Matrix<T> packedFirstLayer;
    private readonly Matrix<T> packedReadout;
    private readonly Matrix<T> cleanPanels;
    private readonly Matrix<T> noiseRows;
    private readonly Matrix<T> noisePanels;
    private readonly Matrix<T> noisedPanels;
    private readonly Matrix<T> featureTile;
    private readonly Matrix<T> scorePanels;
    private readonly Matrix<T> packedResiduals;
    private readonly Matrix<T> gradient; // P × N, padded to the tile's column step
    private readonly Matrix<double> sampleLosses;

    private readonly Action<int> packReadout;
    private readonly Action<int> makeNoise;
    private readonly Action<int> makeFeatures;
    private readonly Action<int> makeScores;
    private readonly Action<int> finishSamples;
    private readonly Action<int> finishFeatures;

    private long epoch;
    private int firstSample; // of the tile whose scores, residuals and gradient are made
    private int sampleCount;
    private int nextFirstSample; // of the tile whose noise and features are made
    private int nextSampleCount;
    private int scoreUnitPanels;
    private int scoreUnitRowPanels;

    public TiledFreshNoiseEpoch(
        ThreadTeam team, MatrixView<T> firstLayer, MatrixView<T> samples, ReadOnlySpan<int> classSizes,
        double diffusionTime, double learningRate, NoiseSource<T> noise, RowShare? share)
    {
        this.team = team;
        this.noise = noise;
        this.share = share;
        dimension = firstLayer.Columns;
        features = firstLayer.Rows;
        this.samples = samples.Rows;
        this.classSizes = classSizes.ToArray();
        double noiseLevel = -double.ExpM1(-2 * diffusionTime);
        noiseAmplitude = T.CreateTruncating(Math.Sqrt(noiseLevel));
        step = 2 * learningRate / (Math.Sqrt(noiseLevel) * this.samples);

        tileSamples = Math.Min(LargestTile, RoundUp(this.samples, TTile.Columns));
        dimensionDepth = Balanced(dimension, LargestDepth);
        featureDepth = Balanced(features, LargestDepth);
        featurePanelRows = Balanced(features, TTile.MaxRows);
        scorePanelRows = Balanced(dimension, TTile.MaxRows);

        readout = new Matrix<double>(features, dimension);
        packedFirstLayer = new Matrix<T>(features, dimension);
        packedReadout = new Matrix<T>(features, dimension);
        cleanPanels = new Matrix<T>(RoundUp(this.samples, TTile.Columns), dimension);
        noiseRows = new Matrix<T>(tileSamples, dimension);
        noisePanels = new Matrix<T>(tileSamples, dimension);
        noisedPanels = new Matrix<T>(tileSamples, dimension);
        scorePanels = new Matrix<T>(tileSamples, dimension);

        // Rows an odd number of cache lines apart spread over all sets of the level-1 cache.
        featureTile = new Matrix<T>(features, tileSamples + 64 / sizeof(T));
        packedResiduals = new Matrix<T>(tileSamples, RoundUp(dimension, TTile.Columns));
        gradient = new Matrix<T>(features, RoundUp(dimension, TTile.ColumnStep));
        sampleLosses = new Matrix<double>(1, this.samples);

        packReadout = PackReadout;
        makeNoise = MakeNoise;
        makeFeatures = MakeFeatures;
        makeScores = MakeScores;
        finishSamples = FinishSamples;
        finishFeatures = FinishFeatures;

        PackFirstLayer(firstLayer);
        PackCleanSamples(samples, T.CreateTruncating(Math.Exp(-diffusionTime)));
    }

    public override MatrixView<double> Readout => readout.Transposed;

    private int FeatureUnits => PanelCount(PanelCount(features, featurePanelRows), FeaturePanelsPerUnit);

    public override void Run(long epoch, Span<double> classLosses)
    {
        if (classLosses.Length != classSizes.Length)
        {
            throw new ArgumentException(
                $"Room for {classLosses.Length} losses was given and there are {classSizes.Length} classes.", nameof(classLosses));
        }

        // Three products; W and the samples are read, the readout is read and written.
        double weights = (double)features * dimension;
        using KernelScope scope = Epoch.Enter(
            6 * weights * samples, sizeof(T) * (weights + (double)samples * dimension) + 2 * sizeof(double) * weights);
        this.epoch = epoch;
        nextFirstSample = 0;
        nextSampleCount = Math.Min(tileSamples, samples);
        team.For(PanelCount(features, featureDepth), packReadout);
        team.For(PanelCount(nextSampleCount, TTile.Columns), makeNoise);
        team.For(FeatureUnits, makeFeatures);
        while (nextSampleCount > 0)
        {
            firstSample = nextFirstSample;
            sampleCount = nextSampleCount;
            nextFirstSample = firstSample + sampleCount;
            nextSampleCount = Math.Min(tileSamples, samples - nextFirstSample);
            team.For(PlanScores(), makeScores);
            ShareScores();
            team.For(PanelCount(sampleCount, TTile.Columns), finishSamples);
            team.For(FeatureUnits, finishFeatures);
        }

        int sample = 0;
        for (int c = 0; c < classSizes.Length; c++)
        {
            double sum = 0;
            for (int end = sample + classSizes[c]; sample < end; sample++)
            {
                sum += sampleLosses[0, sample];
            }

            classLosses[c] = sum / ((double)dimension * classSizes[c]);
        }
    }

    public override void Dispose()
    {
        readout.Dispose();
        packedFirstLayer.Dispose();
        packedReadout.Dispose();
        cleanPanels.Dispose();
        noiseRows.Dispose();
        noisePanels.Dispose();
        noisedPanels.Dispose();
        featureTile.Dispose();
        scorePanels.Dispose();
        packedResiduals.Dispose();
        gradient.Dispose();
        sampleLosses.Dispose();
    }

    /// <summary>W/√N in panels of rows: the panel that starts at row r of the depth block that starts at d is at d·P + r·depth.</summary>
    private void PackFirstLayer(MatrixView<T> firstLayer)
    {
        T scale = T.CreateTruncating(1 / Math.Sqrt(dimension));
        for (int start = 0; start < dimension; start += dimensionDepth)
        {
            int depth = Math.Min(dimensionDepth, dimension - start);
            for (int row = 0; row < features; row += featurePanelRows)
            {
                int rows = Math.Min(featurePanelRows, features - row);
                Packing.Pack(
                    firstLayer.Pointer + row * firstLayer.RowStride + start * firstLayer.ColumnStride,
                    firstLayer.RowStride, firstLayer.ColumnStride, rows, rows, depth,
                    packedFirstLayer.Pointer + (nint)start * features + (nint)row * depth);
            }
        }

        for (int row = 0; row < features; row++)
        {
            TensorPrimitives.Multiply(packedFirstLayer.Row(row), scale, packedFirstLayer.Row(row));
        }
    }

    /// <summary>e^{−t}x in panels of samples, component by component; the last panel is padded with zeros.</summary>
    private void PackCleanSamples(MatrixView<T> x, T decay)
    {
        for (int sample = 0; sample < samples; sample += TTile.Columns)
        {
            Packing.Pack(
                x.Pointer + sample * x.RowStride, x.RowStride, x.ColumnStride, Math.Min(TTile.Columns, samples - sample), TTile.Columns,
                dimension, cleanPanels.Pointer + (nint)sample * dimension);
        }

        for (int row = 0; row < cleanPanels.Rows; row++)
        {
            TensorPrimitives.Multiply(cleanPanels.Row(row), decay, cleanPanels.Row(row));
        }
    }

    /// <summary>
    /// A as T in panels of rows, for one block of features, laid out as W is. The rows of the gradient, which the first tile overwrites,
    /// hold the converted numbers on the way.
    /// </summary>
    private void PackReadout(int block)
    {
        int start = block * featureDepth;
        int depth = Math.Min(featureDepth, features - start);
        for (int feature = start; feature < start + depth; feature++)
        {
            TensorPrimitives.ConvertTruncating<double, T>(readout.Row(feature), gradient.Row(feature));
        }

        for (int row = 0; row < dimension; row += scorePanelRows)
        {
            int rows = Math.Min(scorePanelRows, dimension - row);
            Packing.Pack(
                gradient.Pointer + (nint)start * gradient.Columns + row, 1, gradient.Columns, rows, rows, depth,
                packedReadout.Pointer + (nint)start * dimension + (nint)row * depth);
        }
    }

    /// <summary>ξ and x_t of one panel of samples of the next tile.</summary>
    private void MakeNoise(int panel)
    {
        int sample = panel * TTile.Columns;
        int count = Math.Min(TTile.Columns, nextSampleCount - sample);
        int length = TTile.Columns * dimension;
        nint offset = (nint)panel * length;
        T* rows = noiseRows.Pointer + offset;
        noise(epoch, nextFirstSample + sample, new Span<T>(rows, count * dimension));
        Packing.Pack(rows, dimension, 1, count, TTile.Columns, dimension, noisePanels.Pointer + offset);
        TensorPrimitives.MultiplyAdd(
            new ReadOnlySpan<T>(noisePanels.Pointer + offset, length), noiseAmplitude,
            new ReadOnlySpan<T>(cleanPanels.Pointer + (nint)nextFirstSample * dimension + offset, length),
            new Span<T>(noisedPanels.Pointer + offset, length));
    }

    /// <summary>Φ for one unit of features and all samples of the next tile.</summary>
    private void MakeFeatures(int unit)
    {
        int firstRow = unit * FeaturePanelsPerUnit * featurePanelRows;
        int endRow = Math.Min(firstRow + FeaturePanelsPerUnit * featurePanelRows, features);
        for (int start = 0; start < dimension; start += dimensionDepth)
        {
            int depth = Math.Min(dimensionDepth, dimension - start);
            T beta = start == 0 ? T.Zero : T.One;
            bool last = start + depth == dimension;
            for (int row = firstRow; row < endRow; row += featurePanelRows)
            {
                int rows = Math.Min(featurePanelRows, endRow - row);
                T* weights = packedFirstLayer.Pointer + (nint)start * features + (nint)row * depth;
                for (int sample = 0; sample < nextSampleCount; sample += TTile.Columns)
                {
                    T* noised = noisedPanels.Pointer + (nint)sample * dimension + (nint)start * TTile.Columns;
                    T* target = featureTile.Pointer + (nint)row * featureTile.Columns + sample;
                    TTile.Multiply(
                        rows, TTile.Columns, depth, weights, 1, rows, noised, TTile.Columns, T.One, beta, target, featureTile.Columns);
                    if (last)
                    {
                        TTile.Apply<TActivation>(rows, TTile.Columns, target, featureTile.Columns);
                    }
                }
            }
        }
    }

    /// <summary>Cuts the scores of the tile into units of panels of samples and, where those are too few, panels of rows.</summary>
    private int PlanScores()
    {
        int samplePanels = PanelCount(sampleCount, TTile.Columns);
        int wanted = team.Count == 1 ? 1 : 2 * team.Count;
        int rowPanels = PanelCount(dimension, scorePanelRows);
        scoreUnitPanels = Math.Max(samplePanels / wanted, 1);
        int columnUnits = PanelCount(samplePanels, scoreUnitPanels);
        scoreUnitRowPanels = Math.Max(rowPanels / PanelCount(wanted, columnUnits), 1);
        return columnUnits * PanelCount(rowPanels, scoreUnitRowPanels);
    }

    /// <summary>S = A Φ for one unit, in panels of samples, component by component.</summary>
    private void MakeScores(int unit)
    {
        int rowUnits = PanelCount(PanelCount(dimension, scorePanelRows), scoreUnitRowPanels);
        int firstRow = unit % rowUnits * scoreUnitRowPanels * scorePanelRows;
        int endRow = Math.Min(firstRow + scoreUnitRowPanels * scorePanelRows, dimension);
        int firstPanel = unit / rowUnits * scoreUnitPanels;
        int endPanel = Math.Min(firstPanel + scoreUnitPanels, PanelCount(sampleCount, TTile.Columns));
        for (int start = 0; start < features; start += featureDepth)
        {
            int depth = Math.Min(featureDepth, features - start);
            T beta = start == 0 ? T.Zero : T.One;
            T* block = featureTile.Pointer + (nint)start * featureTile.Columns;
            for (int row = firstRow; row < endRow; row += scorePanelRows)
            {
                int rows = Math.Min(scorePanelRows, endRow - row);
                T* weights = packedReadout.Pointer + (nint)start * dimension + (nint)row * depth;
                for (int panel = firstPanel; panel < endPanel; panel++)
                {
                    T* target = scorePanels.Pointer + ((nint)panel * dimension + row) * TTile.Columns;
                    TTile.Multiply(
                        rows, TTile.Columns, depth, weights, 1, rows, block + panel * TTile.Columns, featureTile.Columns,
                        T.One, beta, target, TTile.Columns);
                }
            }
        }
    }

    /// <summary>Adds up the scores of all processes, each from its features: N numbers for every sample.</summary>
    private void ShareScores()
    {
        if (share is { IsWhole: false })
        {
            Span<T> scores = scorePanels.Span[..(RoundUp(sampleCount, TTile.Columns) * dimension)];
            if (typeof(T) == typeof(float))
            {
                share.Sum(MemoryMarshal.Cast<T, float>(scores));
            }
            else
            {
                share.Sum(MemoryMarshal.Cast<T, double>(scores));
            }
        }
    }

    private void FinishSamples(int panel)
    {
        MakeResiduals(panel);
        if (panel * TTile.Columns < nextSampleCount)
        {
            MakeNoise(panel);
        }
    }

    /// <summary>R of one panel of samples in the place of S, its squared norms, and Rᵀ packed as a factor of the gradient.</summary>
    private void MakeResiduals(int panel)
    {
        int sample = panel * TTile.Columns;
        int count = Math.Min(TTile.Columns, sampleCount - sample);
        int length = TTile.Columns * dimension;
        nint offset = (nint)panel * length;
        T* residuals = scorePanels.Pointer + offset;
        var residualSpan = new Span<T>(residuals, length);
        TensorPrimitives.MultiplyAdd(
            residualSpan, noiseAmplitude, new ReadOnlySpan<T>(noisePanels.Pointer + offset, length), residualSpan);

        double* losses = sampleLosses.Pointer + firstSample + sample;
        new Span<double>(losses, count).Clear();
        for (int n = 0; n < dimension; n++)
        {
            T* row = residuals + (nint)n * TTile.Columns;
            for (int i = 0; i < count; i++)
            {
                double r = double.CreateTruncating(row[i]);
                losses[i] += r * r;
            }
        }

        for (int n = 0; n < dimension; n += TTile.Columns)
        {
            Packing.Pack(
                residuals + (nint)n * TTile.Columns, TTile.Columns, 1, Math.Min(TTile.Columns, dimension - n), TTile.Columns, count,
                packedResiduals.Pointer + (nint)n * tileSamples + (nint)sample * TTile.Columns);
        }
    }

    private void FinishFeatures(int unit)
    {
        AddGradient(unit);
        if (nextSampleCount > 0)
        {
            MakeFeatures(unit);
        }
        else
        {
            UpdateReadout(unit);
        }
    }

    /// <summary>Gᵀ += Φ Rᵀ for one unit of features.</summary>
    private void AddGradient(int unit)
    {
        int firstRow = unit * FeaturePanelsPerUnit * featurePanelRows;
        int endRow = Math.Min(firstRow + FeaturePanelsPerUnit * featurePanelRows, features);
        T beta = firstSample == 0 ? T.Zero : T.One;
        for (int firstColumn = 0; firstColumn < dimension; firstColumn += LargestDepth)
        {
            int endColumn = Math.Min(firstColumn + LargestDepth, dimension);
            for (int row = firstRow; row < endRow; row += featurePanelRows)
            {
                int rows = Math.Min(featurePanelRows, endRow - row);
                T* left = featureTile.Pointer + (nint)row * featureTile.Columns;
                for (int column = firstColumn; column < endColumn; column += TTile.Columns)
                {
                    TTile.Multiply(
                        rows, Math.Min(TTile.Columns, dimension - column), sampleCount, left, featureTile.Columns, 1,
                        packedResiduals.Pointer + (nint)column * tileSamples, TTile.Columns,
                        T.One, beta, gradient.Pointer + (nint)row * gradient.Columns + column, gradient.Columns);
                }
            }
        }
    }

    /// <summary>A −= 2η₀/(√Δ M)·G for one unit of features.</summary>
    private void UpdateReadout(int unit)
    {
        int firstRow = unit * FeaturePanelsPerUnit * featurePanelRows;
        int endRow = Math.Min(firstRow + FeaturePanelsPerUnit * featurePanelRows, features);
        for (int row = firstRow; row < endRow; row++)
        {
            double* to = readout.Pointer + (nint)row * dimension;
            T* from = gradient.Pointer + (nint)row * gradient.Columns;
            for (int n = 0; n < dimension; n++)
            {
                to[n] -= step * double.CreateTruncating(from[n]);
            }
        }
    }
}
