using System.Numerics;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.LinearAlgebra;
using ILGPU;
using Kernel = Hpc.Numerics.Profiling.Kernel;

namespace Hpc.Kernels.Descent;

/// <summary>Losses and score errors of blocks of samples on a device, in double precision whatever that of the scores is.</summary>
internal sealed class LossEvaluation<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Samples of a block for which memory is planned.</summary>
    private const int PlannedSamples = 1024;

    private static readonly Kernel Losses = Kernel.Of<double>("device losses");

    private readonly KernelLibrary<double> library;
    private readonly Conversion<T> conversion;
    private readonly Action<KernelConfig, DeviceView<double>, DeviceView<double>, DeviceView<double>, DeviceView<double>, double, double> kernel;
    private readonly int dimension;
    private DeviceMatrix<double>? noise;
    private DeviceMatrix<double>? exact;
    private DeviceMatrix<double>? wide;
    private DeviceMatrix<double>? errors;

    /// <param name="device">The device, with double precision.</param>
    /// <param name="dimension">N.</param>
    public LossEvaluation(ComputeDevice device, int dimension)
    {
        (library, this.dimension) = (device.Library<double>(), dimension);
        conversion = new Conversion<T>(device);
        kernel = library.LoadSampleErrors();
    }

    /// <summary>Memory for blocks of 1024 samples.</summary>
    public static DeviceMemory Memory(int dimension) =>
        DeviceMemory.Of(DeviceMatrix<double>.BytesOf(PlannedSamples, dimension), typeof(T) == typeof(double) ? 2 : 3)
        + DeviceMemory.Of(DeviceMatrix<double>.BytesOf(PlannedSamples, 2));

    /// <summary>Computes what <see cref="Diffusion.Measurement.SampleErrors.Compute"/> does.</summary>
    /// <param name="scores">s, n×N, on the device.</param>
    /// <param name="noise">ξ, n×N.</param>
    /// <param name="exact">∇log p_t, n×N.</param>
    /// <param name="amplitude">√Δ.</param>
    /// <param name="losses">Receives n numbers.</param>
    /// <param name="scoreErrors">Receives n numbers.</param>
    public void Run(
        DeviceView<T> scores, Matrix<double> noise, Matrix<double> exact, double amplitude, Span<double> losses, Span<double> scoreErrors)
    {
        int count = scores.Rows;
        Resize(count);
        this.noise!.Upload(noise.View);
        this.exact!.Upload(exact.View);
        using (new DeviceScope(library.Device, Losses, 6.0 * count * dimension, 3.0 * sizeof(double) * count * dimension))
        {
            kernel(
                library.GroupPerRow(count), conversion.Widen(scores, wide), this.noise.View, this.exact.View, errors!.View, amplitude, 1.0 / dimension);
        }

        using var host = new Matrix<double>(count, 2);
        errors!.Download(host.View);
        for (int i = 0; i < count; i++)
        {
            (losses[i], scoreErrors[i]) = (host[i, 0], host[i, 1]);
        }
    }

    public void Dispose()
    {
        noise?.Dispose();
        exact?.Dispose();
        wide?.Dispose();
        errors?.Dispose();
    }

    private void Resize(int count)
    {
        if (noise?.Rows == count)
        {
            return;
        }

        Dispose();
        noise = new DeviceMatrix<double>(library.Accelerator, count, dimension);
        exact = new DeviceMatrix<double>(library.Accelerator, count, dimension);
        wide = typeof(T) == typeof(double) ? null : new DeviceMatrix<double>(library.Accelerator, count, dimension);
        errors = new DeviceMatrix<double>(library.Accelerator, count, 2);
    }
}
