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

    private ComputeDevice(DeviceInfo info, Context context, Accelerator accelerator, bool profiling)
    {
        (Info, this.context, Accelerator, HasMarkers) = (info, context, accelerator, profiling);
        CuBlas = accelerator is CudaAccelerator cuda ? CuBlasLibrary.Start(cuda) : null;
    }

    public DeviceInfo Info { get; }

    /// <summary>Kernels that were compiled for it so far.</summary>
    public int CompiledKernels { get; internal set; }

    /// <summary>Whether its queue was opened for profiling.</summary>
    internal bool HasMarkers { get; }

    internal Accelerator Accelerator { get; }

    /// <summary>cuBLAS for this device; null where it is no CUDA device or no library was found that works with its driver.</summary>
    internal CuBlasLibrary? CuBlas { get; }

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
            RequireType(info.Name, accelerator.AcceleratorType, accelerator.Name);
            return new ComputeDevice(info, context, accelerator, profiling);
        }
        catch (Exception exception)
        {
            context?.Dispose();
            throw exception as DeviceException ?? new DeviceException(
                $"device {info.Name} ({info.Description}) could not be opened: {exception.Message}");
        }
    }

    /// <summary>ILGPU falls back to another accelerator in silence where it does not find what was asked for.</summary>
    /// <exception cref="DeviceException">It did.</exception>
    internal static void RequireType(DeviceName name, AcceleratorType opened, string description)
    {
        if (opened != TypeOf(name.Kind))
        {
            throw new DeviceException(
                $"device {name} was asked for and ILGPU opened {opened} instead: {description}. 'hpc devices' says what can be used.");
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
        CuBlas?.Dispose();
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
