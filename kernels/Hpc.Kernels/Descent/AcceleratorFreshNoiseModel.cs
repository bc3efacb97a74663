using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Kernels.Sampling;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;
using ILGPU;
using ILGPU.Runtime;
using Kernel = Hpc.Numerics.Profiling.Kernel;

namespace Hpc.Kernels.Descent;

/// <summary>
/// <see cref="IFreshNoiseModel"/> on an accelerator. A tile of n samples is noised, mapped to features Φ (P×n), turned into residuals
/// R = √Δ ΦᵀAᵀ + ξ (n×N) and added to the gradient ΦR before the next tile is touched: no P×M matrix exists.
/// </summary>
/// <remarks>
/// An epoch does 6PMN operations and M·P activations in four kernels a tile and one for the step (<see cref="StepKernel"/>), and allocates
/// nothing. The readout goes to the host only when it is asked for.
/// </remarks>
internal sealed class AcceleratorFreshNoiseModel<T, TActivation> : IFreshNoiseModel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IElementwise<T>
{
    /// <summary>Samples that are worked on at a time.</summary>
    private const int LargestTile = 1024;

    /// <summary>Operations after which the host looks at the losses: a hundredth of a second of a fast device.</summary>
    private const double OperationsAtATime = 2e11;

    private const int MostEpochsAtATime = 64;

    private static readonly Kernel Noise = Kernel.Of<T>("device noise"), Features = Kernel.Of<T>("device features"),
        Residuals = Kernel.Of<T>("device residuals"), Gradient = Kernel.Of<T>("device gradient"), Step = Kernel.Of<T>("device step"),
        Scoring = Kernel.Of<T>("device scores");

    private readonly KernelLibrary<T> library;
    private readonly int features;
    private readonly int dimension;
    private readonly int tile;
    private readonly int[] classSizes;
    private readonly uint seed;
    private readonly double decay;
    private readonly double amplitude;
    private readonly double step;
    private readonly DeviceMatrix<T> firstLayer;
    private readonly DeviceMatrix<T> samples;
    private readonly DeviceMatrix<T> noised;
    private readonly DeviceMatrix<T> residuals;
    private readonly DeviceMatrix<T> featureTile;
    private readonly DeviceMatrix<T> sampleLosses;
    private readonly DeviceMatrix<T> readout;
    private readonly DeviceMatrix<T> readoutLow;
    private readonly DeviceMatrix<T> gradient;
    private readonly Product<T> featureProduct;
    private readonly Product<T> residualProduct;
    private readonly Product<T> gradientProduct;
    private readonly Action<KernelConfig, DeviceView<T>, long, DeviceView<T>, DeviceView<T>, T, T, NormalsRange> noisedSamples;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, T, T> squareSums;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, T> takeStep;
    private readonly Matrix<double> hostLosses;
    private readonly Matrix<double> hostReadout;
    private readonly Matrix<double> hostRemainder;
    private DeviceMatrix<T>? inputs;
    private DeviceMatrix<T>? inputFeatures;
    private DeviceMatrix<T>? scores;
    private LossEvaluation<T>? evaluation;
    private bool hostIsBehind;
    private bool hostWasGiven;

    /// <param name="library">Kernels of the device.</param>
    /// <param name="realization">W and the training samples.</param>
    /// <param name="forward">The noise.</param>
    /// <param name="learningRate">η₀.</param>
    /// <param name="largestTile">Most samples that are worked on at a time.</param>
    public AcceleratorFreshNoiseModel(
        KernelLibrary<T> library, Realization realization, ForwardProcess forward, double learningRate, int largestTile = LargestTile)
    {
        this.library = library;
        (features, dimension, int count) = (realization.Model.Features, realization.Model.Dimension, realization.Model.Samples);
        (seed, decay, amplitude) = (realization.Seed, forward.Decay, forward.NoiseAmplitude);
        classSizes = realization.ClassSizes;
        step = -2 * learningRate / (count * amplitude);
        tile = Math.Min(count, largestTile);
        Accelerator accelerator = library.Accelerator;
        firstLayer = new DeviceMatrix<T>(accelerator, features, dimension);
        samples = new DeviceMatrix<T>(accelerator, count, dimension);
        noised = new DeviceMatrix<T>(accelerator, tile, dimension);
        residuals = new DeviceMatrix<T>(accelerator, tile, dimension);
        featureTile = new DeviceMatrix<T>(accelerator, features, tile);
        sampleLosses = new DeviceMatrix<T>(accelerator, count, 1);
        readout = new DeviceMatrix<T>(accelerator, features, dimension);
        readoutLow = new DeviceMatrix<T>(accelerator, features, dimension);
        gradient = new DeviceMatrix<T>(accelerator, features, dimension);
        hostLosses = new Matrix<double>(count, 1);
        hostReadout = new Matrix<double>(features, dimension);
        hostRemainder = new Matrix<double>(features, dimension);
        firstLayer.Upload(realization.FirstLayer.View);
        samples.Upload(realization.Samples.View);
        featureProduct = library.LoadProduct<AlongRows, AlongRows, TActivation>();
        residualProduct = library.LoadProduct<AcrossRows, AcrossRows, Linear<T>>();
        gradientProduct = library.LoadProduct<AlongRows, AcrossRows, Linear<T>>();
        noisedSamples = library.LoadNoisedSamples();
        squareSums = library.LoadRowSums<Square>();
        takeStep = library.LoadStep();
        EpochsAtATime = (int)Math.Clamp(OperationsAtATime / (6.0 * features * dimension * count), 1, MostEpochsAtATime);
    }

    public int Count => 1;

    public int EpochsAtATime { get; }

    /// <summary>Memory of the device that is taken at the moment by products, which is all that could grow.</summary>
    internal long DeviceBytes => featureProduct.Bytes + residualProduct.Bytes + gradientProduct.Bytes;

    public MatrixView<double> Readout
    {
        get
        {
            UnloadReadout();
            return hostReadout.View;
        }
    }

    public MatrixView<double>? Remainder
    {
        get
        {
            UnloadReadout();
            return hostRemainder.View;
        }
    }

    /// <summary>Memory that a model takes, with scores of up to 1024 inputs.</summary>
    public static DeviceMemory Memory(int features, int dimension, int samples)
    {
        int tile = Math.Min(samples, LargestTile);
        return DeviceMemory.Of(DeviceMatrix<T>.BytesOf(features, dimension), 4) + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(samples, dimension))
            + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(samples, 1)) + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(tile, dimension), 2)
            + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(features, tile)) + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(LargestTile, dimension), 2)
            + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(features, LargestTile)) + DeviceMemory.Of(Product<T>.PartialBytes, 3)
            + LossEvaluation<T>.Memory(dimension);
    }

    public void Run(long first, int count, Span<double> classLosses)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(classLosses.Length, classSizes.Length);
        LoadReadout();
        double operations = 2.0 * features * dimension, bytes = Unsafe.SizeOf<T>();
        for (long epoch = first; epoch < first + count; epoch++)
        {
            for (int start = 0; start < samples.Rows; start += tile)
            {
                int rows = Math.Min(tile, samples.Rows - start);
                DeviceView<T> tileFeatures = featureTile.Reshaped(features, rows), tileResiduals = residuals.Reshaped(rows, dimension);
                MakeFeatures(epoch, start, rows);
                using (Enter(Residuals, operations * rows, bytes * (rows + (double)features) * dimension + bytes * rows * features))
                {
                    residualProduct.Run(tileFeatures, readout.View, features, T.CreateChecked(amplitude), T.One, tileResiduals);
                    if (epoch == first + count - 1)
                    {
                        squareSums(
                            library.GroupPerRow(rows), tileResiduals, sampleLosses.View.RowRange(start, rows), T.CreateChecked(1.0 / dimension), T.Zero);
                    }
                }

                using (Enter(Gradient, operations * rows, bytes * (rows + (double)features) * dimension + bytes * rows * features))
                {
                    gradientProduct.Run(tileFeatures, tileResiduals, rows, T.One, start == 0 ? T.Zero : T.One, gradient.View);
                }
            }

            using (Enter(Step, 8.0 * features * dimension, 5 * bytes * features * dimension))
            {
                takeStep(
                    library.Elementwise((long)features * readout.Stride), readout.View, readoutLow.View, gradient.View, T.CreateChecked(step));
            }
        }

        hostIsBehind = true;
        sampleLosses.Download(hostLosses.View);
        int from = 0;
        for (int c = 0; c < classSizes.Length; c++)
        {
            classLosses[c] = TensorPrimitives.Sum<double>(hostLosses.Span.Slice(from, classSizes[c])) / classSizes[c];
            from += classSizes[c];
        }
    }

    public unsafe void ApplyCovariance(ReadOnlySpan<double> x, Span<double> y)
    {
        using DeviceMatrix<T> input = new(library.Accelerator, features, 1), output = new(library.Accelerator, features, 1),
            overlaps = new(library.Accelerator, tile, 1);
        fixed (double* source = x)
        {
            input.Upload(new MatrixView<double>(source, features, 1, 1, 1));
        }

        for (int start = 0; start < samples.Rows; start += tile)
        {
            int rows = Math.Min(tile, samples.Rows - start);
            DeviceView<T> tileFeatures = featureTile.Reshaped(features, rows), tileOverlaps = overlaps.Reshaped(rows, 1);
            MakeFeatures(1, start, rows);
            residualProduct.Run(tileFeatures, input.View, features, T.One, T.Zero, tileOverlaps);
            gradientProduct.Run(tileFeatures, tileOverlaps, rows, T.CreateChecked(1.0 / samples.Rows), T.One, output.View);
        }

        fixed (double* target = y)
        {
            output.Download(new MatrixView<double>(target, features, 1, 1, 1));
        }
    }

    public void SetInputs(MatrixView<double> inputs)
    {
        if (this.inputs is null || this.inputs.Rows != inputs.Rows)
        {
            DisposeInputs();
            this.inputs = new DeviceMatrix<T>(library.Accelerator, inputs.Rows, dimension);
            inputFeatures = new DeviceMatrix<T>(library.Accelerator, features, inputs.Rows);
            scores = new DeviceMatrix<T>(library.Accelerator, inputs.Rows, dimension);
        }

        this.inputs.Upload(inputs);
        using (Enter(Features, 2.0 * features * dimension * inputs.Rows, Unsafe.SizeOf<T>() * ((double)features + dimension) * inputs.Rows))
        {
            MapFeatures(this.inputs.View, inputFeatures!.View);
        }
    }

    public void Scores(int record, MatrixView<double> scores)
    {
        MakeScores();
        this.scores!.Download(scores);
    }

    public void Errors(int record, Matrix<double> noise, Matrix<double> exact, double amplitude, Span<double> losses, Span<double> scoreErrors)
    {
        MakeScores();
        if (library.Device.Info.HasDoubles)
        {
            evaluation ??= new LossEvaluation<T>(library.Device, dimension);
            evaluation.Run(scores!.View, noise, exact, amplitude, losses, scoreErrors);
            return;
        }

        // The sums are in double precision, which this device does not have.
        using var host = new Matrix<double>(noise.Rows, noise.Columns);
        scores!.Download(host.View);
        SampleErrors.Compute(host, noise, exact, amplitude, losses, scoreErrors);
    }

    public void Dispose()
    {
        library.Accelerator.Synchronize();
        DisposeInputs();
        evaluation?.Dispose();
        foreach (IDisposable part in (IDisposable[])
            [firstLayer, samples, noised, residuals, featureTile, sampleLosses, readout, readoutLow, gradient, featureProduct, residualProduct,
             gradientProduct, hostLosses, hostReadout, hostRemainder])
        {
            part.Dispose();
        }
    }

    private void MakeScores()
    {
        LoadReadout();
        using (Enter(Scoring, 2.0 * features * scores!.Rows * dimension, Unsafe.SizeOf<T>() * ((double)features + dimension) * scores.Rows))
        {
            residualProduct.Run(inputFeatures!.View, readout.View, features, T.One, T.Zero, scores.View);
        }
    }

    private void DisposeInputs()
    {
        inputs?.Dispose();
        inputFeatures?.Dispose();
        scores?.Dispose();
    }

    private DeviceScope Enter(Kernel kernel, double flops, double bytes) => new(library.Device, kernel, flops, bytes);

    /// <summary>
    /// Copies the readout to the host where it is behind: the sum of the two numbers, rounded, and what that rounds off, which both are exact in
    /// double precision.
    /// </summary>
    private void UnloadReadout()
    {
        if (hostIsBehind)
        {
            using var low = new Matrix<double>(features, dimension);
            readout.Download(hostReadout.View);
            readoutLow.Download(low.View);
            for (int i = 0; i < features; i++)
            {
                Span<double> high = hostReadout.Row(i);
                for (int j = 0; j < high.Length; j++)
                {
                    double sum = high[j] + low[i, j];
                    hostRemainder[i, j] = low[i, j] - (sum - high[j]);
                    high[j] = sum;
                }
            }

            hostIsBehind = false;
        }

        hostWasGiven = true;
    }

    /// <summary>
    /// Copies the readout to the device where the host may have changed it, split into two numbers: the same as before where it did not, as the
    /// first of them is the sum rounded to <typeparamref name="T"/>.
    /// </summary>
    private void LoadReadout()
    {
        if (!hostWasGiven)
        {
            return;
        }

        readout.Upload(hostReadout.View);
        using (Matrix<double> low = hostReadout.Clone())
        {
            for (int i = 0; i < features; i++)
            {
                Span<double> row = low.Row(i);
                for (int j = 0; j < row.Length; j++)
                {
                    row[j] = row[j] - double.CreateTruncating(T.CreateTruncating(row[j])) + hostRemainder[i, j];
                }
            }

            readoutLow.Upload(low.View);
        }

        hostWasGiven = false;
    }

    /// <summary>ξ of an epoch into the residuals, and the features of the noised samples.</summary>
    private void MakeFeatures(long epoch, int first, int rows)
    {
        DeviceView<T> inputs = noised.Reshaped(rows, dimension);
        double numbers = (double)rows * dimension;
        using (Enter(Noise, 4 * numbers, 3 * Unsafe.SizeOf<T>() * numbers))
        {
            var range = new NormalsRange(seed, (uint)StreamPurpose.TrainingNoise, epoch, (long)first * dimension);
            noisedSamples(
                library.Elementwise(((long)rows * dimension + 3) / 4 + 1), samples.View, first, inputs, residuals.Reshaped(rows, dimension),
                T.CreateChecked(decay), T.CreateChecked(amplitude), range);
        }

        using (Enter(Features, 2 * numbers * features, Unsafe.SizeOf<T>() * (numbers + ((double)rows + dimension) * features)))
        {
            MapFeatures(inputs, featureTile.Reshaped(features, rows));
        }
    }

    private void MapFeatures(DeviceView<T> from, DeviceView<T> to) =>
        featureProduct.Run(firstLayer.View, from, dimension, T.CreateChecked(1 / Math.Sqrt(dimension)), T.Zero, to);
}
