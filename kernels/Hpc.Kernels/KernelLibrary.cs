using System.Numerics;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Descent;
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
/// The kernels compiled for one device and precision, each once: the library keeps the launchers for whoever asks, and who runs them keeps
/// them too, so that an epoch looks nothing up.
/// </summary>
internal abstract class KernelLibrary<T>(ComputeDevice device, BlockShape shape)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Dictionary<(string Kernel, Type Arguments), Delegate> launchers = [];

    public ComputeDevice Device { get; } = device;

    public Accelerator Accelerator => Device.Accelerator;

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
            ? Create<double, DoublePrecision>(device)
            : Create<float, SinglePrecision>(device);
        return (KernelLibrary<T>)library;
    }

    /// <summary>A product, compiled when it is asked for the first time.</summary>
    /// <param name="wantedGroups">Groups below which the depth is cut; null chooses.</param>
    /// <param name="library">Computes it instead; null leaves the choice to <see cref="ProductEngines"/>.</param>
    public abstract Product<T> LoadProduct<TLeft, TRight, TEpilogue>(int? wantedGroups = null, IColumnMajorProduct<T>? library = null)
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
        where TEpilogue : struct, IElementwise<T>;

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, T> LoadMehlerSyrk();

    public abstract Action<KernelConfig, DeviceView<T>, long, DeviceView<T>, DeviceView<T>, T, T, NormalsRange> LoadNoisedSamples();

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, T, T> LoadRowSums<TSummand>()
        where TSummand : struct, ISummand;

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T> LoadSampleErrors();

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int>
        LoadReluCoefficients();

    public abstract Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int> LoadRemainder();

    public Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, T> LoadStep() => Once(
        nameof(StepKernel), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, T>(StepKernel.Run));

    public Action<KernelConfig, DeviceView<float>, DeviceView<double>> LoadWiden() => Once(
        nameof(ConversionKernels.Widen), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<float>, DeviceView<double>>(ConversionKernels.Widen));

    public Action<KernelConfig, DeviceView<double>, DeviceView<float>, double> LoadNarrow() => Once(
        nameof(ConversionKernels.Narrow), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<double>, DeviceView<float>, double>(ConversionKernels.Narrow));

    public Action<KernelConfig, DeviceView<T>, DeviceView<T>> LoadSetDiagonal() => Once(
        nameof(SetDiagonalKernel), typeof(void), () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>>(SetDiagonalKernel.Run));

    public Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int>
        LoadHermiteCoefficients<TActivation>()
        where TActivation : struct, IElementwise<T> => Once(
        nameof(HermiteCoefficientsKernel), typeof(TActivation),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int>(
            HermiteCoefficientsKernel.Run<T, TActivation>));

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

    /// <summary>Compiles a kernel when it is asked for the first time.</summary>
    /// <param name="kernel">Its name.</param>
    /// <param name="arguments">What tells its instances apart.</param>
    /// <param name="load">Compiles it.</param>
    private protected TLauncher Once<TLauncher>(string kernel, Type arguments, Func<TLauncher> load)
        where TLauncher : Delegate
    {
        lock (launchers)
        {
            if (!launchers.TryGetValue((kernel, arguments), out Delegate? launcher))
            {
                launchers.Add((kernel, arguments), launcher = load());
                Device.CompiledKernels++;
            }

            return (TLauncher)launcher;
        }
    }

    private static KernelLibrary<TElement> Create<TElement, TPrecision>(ComputeDevice device)
        where TElement : unmanaged, IBinaryFloatingPointIeee754<TElement>
        where TPrecision : struct, IPrecision<TElement>
    {
        Accelerator accelerator = device.Accelerator;
        bool gpu = accelerator is not CLAccelerator openCl || openCl.DeviceType != CLDeviceType.CL_DEVICE_TYPE_CPU;
        return accelerator.AcceleratorType == AcceleratorType.CPU
            ? new SizedKernelLibrary<TElement, BlockSizes.Emulation, RegisterTile4<TElement>, TPrecision>(device)
            : gpu ? new SizedKernelLibrary<TElement, BlockSizes.Gpu, RegisterTile8<TElement>, TPrecision>(device)
            : new SizedKernelLibrary<TElement, BlockSizes.OpenClCpu, RegisterTile4<TElement>, TPrecision>(device);
    }
}
