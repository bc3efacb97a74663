using System.Numerics;
using Hpc.Kernels.Arithmetic;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Hpc.Kernels.Devices;

/// <summary>An opened accelerator. Kernels that it compiled live as long as it does.</summary>
public sealed class ComputeDevice : IDisposable
{
    /// <summary>Lanes of the emulated multiprocessor; each is a thread of the operating system.</summary>
    internal const int EmulatedLanes = 16;

    private readonly Context context;
    private readonly Dictionary<Type, object> libraries = [];

    private ComputeDevice(DeviceInfo info, Context context, Accelerator accelerator, bool profiling) =>
        (Info, this.context, Accelerator, HasMarkers) = (info, context, accelerator, profiling);

    public DeviceInfo Info { get; }

    /// <summary>Kernels that were compiled for it so far.</summary>
    public int CompiledKernels { get; internal set; }

    /// <summary>Whether its queue was opened for profiling.</summary>
    internal bool HasMarkers { get; }

    internal Accelerator Accelerator { get; }

    /// <summary>Opens a device.</summary>
    /// <param name="name">The device; not <see cref="DeviceKind.Cpu"/>, which is no accelerator.</param>
    /// <param name="localRank">Rank of this process among those of its machine: without an index it chooses among several devices.</param>
    /// <param name="profiling">Whether its queue is to take the times of kernels itself, by markers.</param>
    /// <exception cref="DeviceException">There is no such device, it cannot be used or its driver refused.</exception>
    public static ComputeDevice Open(DeviceName name, int localRank = 0, bool profiling = false)
    {
        if (name.Kind == DeviceKind.Cpu)
        {
            throw new DeviceException("cpu stands for the SIMD kernels and is no accelerator: ask for cuda, opencl or ilgpu-cpu.");
        }

        DeviceInfo info = DeviceCatalog.Find(name, localRank);
        Context? context = null;
        try
        {
            context = Context.Create(builder => Configure(builder, info, profiling));
            Device device = context.Devices.Single();
            Accelerator accelerator = device.CreateAccelerator(context);
            AcceleratorType expected = TypeOf(info.Name.Kind);
            if (accelerator.AcceleratorType != expected)
            {
                throw new DeviceException(
                    $"device {info.Name} was asked for and ILGPU opened {accelerator.AcceleratorType} instead: {accelerator.Name}.");
            }

            return new ComputeDevice(info, context, accelerator, profiling);
        }
        catch (Exception exception) when (exception is not DeviceException)
        {
            context?.Dispose();
            throw new DeviceException($"device {info.Name} ({info.Description}) could not be opened: {exception.Message}");
        }
    }

    /// <summary>Makes the device current on this thread, which CUDA asks of every thread that uses it.</summary>
    public void Bind() => Accelerator.Bind();

    /// <summary>Waits for everything that was started on the device.</summary>
    public void Synchronize() => Accelerator.Synchronize();

    /// <summary>The kernels of one precision; compiled once, whoever asks for them.</summary>
    /// <exception cref="DeviceException">The device lacks double precision and <typeparamref name="T"/> is double.</exception>
    internal KernelLibrary<T> Library<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        lock (libraries)
        {
            if (!libraries.TryGetValue(typeof(T), out object? library))
            {
                libraries.Add(typeof(T), library = KernelLibrary<T>.Create(this));
            }

            return (KernelLibrary<T>)library;
        }
    }

    public void Dispose()
    {
        Accelerator.Dispose();
        context.Dispose();
    }

    /// <summary>The settings that every kernel is compiled with.</summary>
    internal static void ConfigureCompiler(Context.Builder builder)
    {
        // The second level infers address spaces: loads name the memory that they read, and devices without a generic space can run them.
        builder.Optimize(OptimizationLevel.O2);
        FusedMultiplyAdd.Register(builder);
    }

    private static void Configure(Context.Builder builder, DeviceInfo info, bool profiling)
    {
        ConfigureCompiler(builder);
        if (profiling)
        {
            builder.Profiling();
        }

        int position = 0;
        switch (info.Name.Kind)
        {
            case DeviceKind.Cuda:
                builder.Cuda(_ => position++ == info.Name.Index);
                break;
            case DeviceKind.OpenCl:
                builder.OpenCL(device =>
                {
                    DeviceCatalog.DeclareGenericAddressSpace(device);
                    return position++ == info.Name.Index;
                });
                break;
            default:
                builder.CPU(new CPUDevice(EmulatedLanes, 1, 1));
                break;
        }
    }

    private static AcceleratorType TypeOf(DeviceKind kind) => kind switch
    {
        DeviceKind.Cuda => AcceleratorType.Cuda,
        DeviceKind.OpenCl => AcceleratorType.OpenCL,
        _ => AcceleratorType.CPU,
    };
}
