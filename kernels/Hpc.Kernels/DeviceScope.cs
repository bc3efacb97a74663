using Hpc.Kernels.Devices;
using Hpc.Numerics.Profiling;
using ILGPU.Runtime;
using Kernel = Hpc.Numerics.Profiling.Kernel;

namespace Hpc.Kernels;

/// <summary>
/// An operation on a device that <c>hpc profile</c> measures: by markers in the queue of the device where it was opened with profiling, else
/// by the time until the device has done it. While nobody listens nothing is measured, waited for or allocated.
/// </summary>
internal readonly ref struct DeviceScope
{
    private readonly ComputeDevice? device;
    private readonly KernelScope scope;
    private readonly ProfilingMarker? start;

    public DeviceScope(ComputeDevice device, Kernel kernel, double flops, double bytes)
    {
        if (!Kernel.IsObserved)
        {
            return;
        }

        // What was started before is not part of this.
        device.Synchronize();
        this.device = device;
        start = device.HasMarkers ? device.Accelerator.AddProfilingMarker() : null;
        scope = kernel.Enter(flops, bytes);
    }

    public void Dispose()
    {
        if (device is null)
        {
            return;
        }

        if (start is null)
        {
            device.Synchronize();
            scope.Dispose();
            return;
        }

        using ProfilingMarker end = device.Accelerator.AddProfilingMarker();
        end.Synchronize();
        scope.End(end - start);
        start.Dispose();
    }
}
