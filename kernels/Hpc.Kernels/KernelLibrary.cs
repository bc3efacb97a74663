using System.Numerics;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Kernels.Sampling;
using Hpc.Numerics.Simd;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Hpc.Kernels;

/// <summary>
/// The kernels compiled for one device and precision. Whoever runs them keeps the launchers, so that each is compiled once and an epoch
/// looks nothing up.
/// </summary>
internal abstract class KernelLibrary<T>(Accelerator accelerator, BlockShape shape)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public Accelerator Accelerator { get; } = accelerator;

    public BlockShape Shape { get; } = shape;

    /// <summary>The library with the block sizes for a device.</summary>
    /// <exception cref="DeviceException">The device lacks double precision and <typeparamref name="T"/> is double.</exception>
    public static KernelLibrary<T> Create(ComputeDevice device)
    {
        if (typeof(T) == typeof(double) && !device.Info.HasDoubles)
        {
            throw new DeviceException(
                $"device {device.Info.Name} ({device.Info.Description}) has no double precision: "
                + "add --precision single or take another device.");
        }

        object library = typeof(T) == typeof(double)
            ? Create<double, DoublePrecision>(device.Accelerator)
            : Create<float, SinglePrecision>(device.Accelerator);
        return (KernelLibrary<T>)library;
    }

    public abstract Product<T> LoadProduct<TLeft, TRight, TEpilogue>(int? wantedGroups = null)
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
        where TEpilogue : struct, IElementwise<T>;

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, T> LoadMehlerSyrk();

    public abstract Action<KernelConfig, DeviceView<T>, long, DeviceView<T>, DeviceView<T>, T, T, NormalsRange> LoadNoisedSamples();

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, T, T> LoadRowSums<TSummand>()
        where TSummand : struct, ISummand;

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int>
        LoadReluCoefficients();

    public Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int>
        LoadHermiteCoefficients<TActivation>()
        where TActivation : struct, IElementwise<T> =>
        Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int>(
            HermiteCoefficientsKernel.Run<T, TActivation>);

    /// <summary>Enough groups for one thread an element.</summary>
    public KernelConfig Elementwise(long count) => new(checked((int)((count + Shape.GroupSize - 1) / Shape.GroupSize)), Shape.GroupSize);

    /// <summary>One group a row.</summary>
    public KernelConfig GroupPerRow(int rows) => new(rows, Shape.GroupSize);

    /// <summary>One group of the product kernels for each tile of a square result.</summary>
    public KernelConfig Tiles(int edge)
    {
        int groups = (edge + Shape.Edge - 1) / Shape.Edge;
        return new KernelConfig(new Index3D(groups, groups, 1), new Index3D(Shape.Threads, 1, 1));
    }

    private static KernelLibrary<TElement> Create<TElement, TPrecision>(Accelerator accelerator)
        where TElement : unmanaged, IBinaryFloatingPointIeee754<TElement>
        where TPrecision : struct, IPrecision<TElement>
    {
        bool gpu = accelerator is not CLAccelerator openCl || openCl.DeviceType != CLDeviceType.CL_DEVICE_TYPE_CPU;
        return accelerator.AcceleratorType == AcceleratorType.CPU
            ? new SizedKernelLibrary<TElement, BlockSizes.Emulation, RegisterTile4<TElement>, TPrecision>(accelerator)
            : gpu ? new SizedKernelLibrary<TElement, BlockSizes.Gpu, RegisterTile8<TElement>, TPrecision>(accelerator)
            : new SizedKernelLibrary<TElement, BlockSizes.OpenClCpu, RegisterTile4<TElement>, TPrecision>(accelerator);
    }
}
