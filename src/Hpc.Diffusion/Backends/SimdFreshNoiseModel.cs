using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Diffusion.Kernels;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Backends;

/// <summary><see cref="IFreshNoiseModel"/> on the processor. Scores are in double whatever the precision of the epochs is.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class SimdFreshNoiseModel<T>(Realization realization, ForwardProcess forward, double learningRate, ThreadTeam team) : IFreshNoiseModel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly FreshNoiseEpoch<T> epoch = Create(realization, forward, learningRate, team);
    private readonly FeatureCovariance covariance = new(
        new SampledFeatures(realization, forward, 0, realization.Model.Samples, 1, team), 1.0 / realization.Model.Samples, team, realization.Features);

    private Matrix<double>? features;

    public MatrixView<double> Readout => epoch.Readout.Transposed;

    public int EpochsAtATime => 1;

    public int Count => 1;

    public void Run(long first, int count, Span<double> classLosses)
    {
        for (long k = first; k < first + count; k++)
        {
            epoch.Run(k, classLosses);
        }
    }

    public unsafe void ApplyCovariance(ReadOnlySpan<double> x, Span<double> y)
    {
        fixed (double* input = x, output = y)
        {
            covariance.Apply(new MatrixView<double>(input, x.Length, 1, 1, x.Length), new MatrixView<double>(output, y.Length, 1, 1, y.Length));
        }
    }

    public void SetInputs(MatrixView<double> inputs)
    {
        if (features is null || features.Columns != inputs.Rows)
        {
            features?.Dispose();
            features = new Matrix<double>(realization.Features.Count, inputs.Rows);
        }

        RandomFeatures.Compute(team, realization.Model.Activation, realization.FirstLayer.View, inputs, features.View);
    }

    public void Scores(int record, MatrixView<double> scores)
    {
        Gemm.Multiply(team, 1, features!.Transposed, Readout, 0, scores);
        if (!realization.Features.IsWhole)
        {
            // Every process has the part of its own features.
            using var sum = new Matrix<double>(scores.Rows, scores.Columns);
            MatrixCopy.Copy(scores, sum.View);
            realization.Features.Sum(sum.Span);
            MatrixCopy.Copy(sum.View, scores);
        }
    }

    public void Dispose()
    {
        features?.Dispose();
        epoch.Dispose();
    }

    private static FreshNoiseEpoch<T> Create(Realization realization, ForwardProcess forward, double learningRate, ThreadTeam team)
    {
        int dimension = realization.Model.Dimension;
        var stream = new RandomStream(realization.Seed, StreamPurpose.TrainingNoise);
        if (typeof(T) == typeof(float))
        {
            using Matrix<float> layer = Narrow(realization.FirstLayer), samples = Narrow(realization.Samples);
            NoiseSource<float> noise = (epoch, first, block) => stream.FillNormals(epoch, (long)first * dimension, block);
            return (FreshNoiseEpoch<T>)(object)(realization.Model.Activation switch
            {
                Activation.Tanh => FreshNoiseEpoch<float>.Create<Tanh>(team, layer.View, samples.View, realization.ClassSizes, forward.Time, learningRate, noise, realization.Features),
                Activation.Erf => FreshNoiseEpoch<float>.Create<Erf>(team, layer.View, samples.View, realization.ClassSizes, forward.Time, learningRate, noise, realization.Features),
                _ => FreshNoiseEpoch<float>.Create<Relu>(team, layer.View, samples.View, realization.ClassSizes, forward.Time, learningRate, noise, realization.Features),
            });
        }

        NoiseSource<double> wide = (epoch, first, block) => stream.FillNormals(epoch, (long)first * dimension, block);
        MatrixView<double> w = realization.FirstLayer.View, x = realization.Samples.View;
        return (FreshNoiseEpoch<T>)(object)(realization.Model.Activation switch
        {
            Activation.Tanh => FreshNoiseEpoch<double>.Create<Tanh>(team, w, x, realization.ClassSizes, forward.Time, learningRate, wide, realization.Features),
            Activation.Erf => FreshNoiseEpoch<double>.Create<Erf>(team, w, x, realization.ClassSizes, forward.Time, learningRate, wide, realization.Features),
            _ => FreshNoiseEpoch<double>.Create<Relu>(team, w, x, realization.ClassSizes, forward.Time, learningRate, wide, realization.Features),
        });
    }

    private static Matrix<float> Narrow(Matrix<double> source)
    {
        var target = new Matrix<float>(source.Rows, source.Columns);
        for (int i = 0; i < source.Rows; i++)
        {
            TensorPrimitives.ConvertChecked<double, float>(source.Row(i), target.Row(i));
        }

        return target;
    }
}
