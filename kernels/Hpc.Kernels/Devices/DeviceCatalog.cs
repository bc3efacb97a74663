using System.Collections.Immutable;
using System.Reflection;
using Hpc.Numerics.Simd;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Hpc.Kernels.Devices;

/// <summary>The devices of this machine: what <c>hpc devices</c> prints and what a device name is resolved against.</summary>
public static class DeviceCatalog
{
    private const string AddressSpaceLimitation =
        "reports no generic address space: kernels whose address spaces are all inferred run, others fail to build; chosen only by name";

    /// <summary>
    /// Every device: the SIMD path, CUDA and OpenCL devices in the order of their drivers, ILGPU's CPU emulation. A kind of which there is
    /// no device has one entry that says why.
    /// </summary>
    public static IReadOnlyList<DeviceInfo> List()
    {
        NativeLibraries.Install();
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string runtime = $".NET {Environment.Version}";
        return
        [
            new DeviceInfo(
                new DeviceName(DeviceKind.Cpu), $"{Environment.ProcessorCount} logical processors", memory, memory, runtime,
                SimdSupport.Widest.ToString(),
                HasDoubles: true, IsAccelerator: false),
            .. ListCuda(),
            .. ListOpenCl(),
            new DeviceInfo(
                new DeviceName(DeviceKind.IlgpuCpu), "ILGPU emulation, one thread a lane", memory, memory, runtime,
                $"ILGPU {typeof(Context).Assembly.GetName().Version}",
                HasDoubles: true, IsAccelerator: false, "for checking kernels only: a barrier costs milliseconds"),
        ];
    }

    /// <summary>
    /// Devices that may be faster than the SIMD kernels, in no more time than it takes to see that there are none: an OpenCL driver is loaded
    /// only if one is registered that is not PoCL, which computes on the processor.
    /// </summary>
    public static IReadOnlyList<DeviceInfo> Accelerators()
    {
        bool cuda = NativeLibraries.Exists(NativeLibraries.Cuda), openCl = HasOpenClBesidePocl();
        if (!cuda && !openCl)
        {
            return [];
        }

        NativeLibraries.Install();
        return [.. (cuda ? ListCuda() : []).Concat(openCl ? ListOpenCl() : []).Where(d => d.IsAccelerator)];
    }

    /// <summary>The entry that a name stands for.</summary>
    /// <param name="name">The device asked for.</param>
    /// <param name="localRank">Of a kind asked for without an index, the processes of one machine take one device each in turn.</param>
    /// <exception cref="DeviceException">There is no such device, or it cannot be used.</exception>
    public static DeviceInfo Find(DeviceName name, int localRank = 0) => Choose(List(), name, localRank);

    /// <summary>The entry of a list that a name stands for.</summary>
    /// <param name="all">The devices of a machine, as <see cref="List"/> gives them.</param>
    /// <param name="name">The device asked for.</param>
    /// <param name="localRank">As for <see cref="Find"/>.</param>
    /// <exception cref="DeviceException">There is no such device, or it cannot be used.</exception>
    public static DeviceInfo Choose(IReadOnlyList<DeviceInfo> all, DeviceName name, int localRank)
    {
        DeviceInfo[] kind = [.. all.Where(d => d.Name.Kind == name.Kind)];
        DeviceInfo[] usable = [.. kind.Where(d => d.IsUsable)];
        DeviceInfo? found = name.Index is int index
            ? kind.FirstOrDefault(d => d.Name.Index == index)
            : usable.Length > 0 ? usable[localRank % usable.Length] : kind[0];
        if (found is { IsUsable: true })
        {
            return found;
        }

        string reason = found?.Problem ?? (kind[0].Name.Index is null ? kind[0].Problem! : $"there are {kind.Length} of its kind");
        throw new DeviceException(
            $"device {name} cannot be used: {reason}. "
            + $"Devices that would do: {string.Join(", ", all.Where(d => d.IsUsable).Select(d => d.Name))}.");
    }

    private static bool HasOpenClBesidePocl()
    {
        const string Vendors = "/etc/OpenCL/vendors";
        string[] elsewhere = ["OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH"];
        return elsewhere.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 })
            || (Directory.Exists(Vendors) && Directory.EnumerateFiles(Vendors, "*.icd").Any(file => !Path.GetFileName(file).Contains("pocl")));
    }

    internal static ImmutableArray<Device> CudaDevices() => CudaDevice.GetDevices(_ => true);

    internal static ImmutableArray<Device> OpenClDevices() => CLDevice.GetDevices(_ => true);

    /// <summary>
    /// Lets ILGPU accept a device without generic address space. Its second optimization level infers the address space of every pointer
    /// in the kernels here, so that the generated OpenCL needs none.
    /// </summary>
    internal static void DeclareGenericAddressSpace(CLDevice device)
    {
        PropertyInfo property = typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))!;
        property.SetValue(device.Capabilities, true);
    }

    private static IEnumerable<DeviceInfo> ListCuda()
    {
        ImmutableArray<Device> devices = NativeLibraries.Exists(NativeLibraries.Cuda) ? CudaDevices() : [];
        if (devices.IsEmpty)
        {
            string problem = NativeLibraries.Exists(NativeLibraries.Cuda)
                ? $"{NativeLibraries.Cuda} is there but reports no device: check nvidia-smi and CUDA_VISIBLE_DEVICES"
                : $"{NativeLibraries.Cuda} was not found: install the NVIDIA driver";
            yield return new DeviceInfo(new DeviceName(DeviceKind.Cuda), "none", 0, 0, "", "", HasDoubles: false, IsAccelerator: false, "",
                problem);
        }

        string libraries = devices.IsEmpty ? "" : CuBlasLibrary.Describe(NativeLibraries.Exists);
        for (int i = 0; i < devices.Length; i++)
        {
            var device = (CudaDevice)devices[i];
            yield return new DeviceInfo(
                new DeviceName(DeviceKind.Cuda, i), device.Name, device.MemorySize, device.MemorySize, $"CUDA driver {device.DriverVersion}",
                $"{device.Architecture}, PTX {device.InstructionSet}", HasDoubles: true, IsAccelerator: true, "",
                DeviceRequirements.OfCuda(device.Architecture, device.DriverVersion), libraries);
        }
    }

    private static IEnumerable<DeviceInfo> ListOpenCl()
    {
        ImmutableArray<Device> devices = NativeLibraries.Exists(NativeLibraries.OpenCl) ? OpenClDevices() : [];
        if (devices.IsEmpty)
        {
            string problem = NativeLibraries.Exists(NativeLibraries.OpenCl)
                ? "the OpenCL loader finds no device: install the OpenCL driver of your hardware (it registers in /etc/OpenCL/vendors)"
                : $"{NativeLibraries.OpenCl} was not found: install ocl-icd-libopencl1 and an OpenCL driver";
            yield return new DeviceInfo(new DeviceName(DeviceKind.OpenCl), "none", 0, 0, "", "", HasDoubles: false, IsAccelerator: false, "",
                problem);
        }

        for (int i = 0; i < devices.Length; i++)
        {
            var device = (CLDevice)devices[i];
            bool generic = device.Capabilities.GenericAddressSpace;
            string limitation = generic ? "" : AddressSpaceLimitation;
            if (!device.Capabilities.Float64)
            {
                limitation += (limitation.Length > 0 ? "; " : "") + "no double precision";
            }

            yield return new DeviceInfo(
                new DeviceName(DeviceKind.OpenCl, i), device.Name, device.MemorySize,
                device.GetDeviceInfo<long>(CLDeviceInfoType.CL_DEVICE_MAX_MEM_ALLOC_SIZE), $"{device.PlatformName}, {device.VendorName}",
                $"OpenCL {device.DeviceVersion}, {device.CVersion}", device.Capabilities.Float64,
                IsAccelerator: generic && device.DeviceType != CLDeviceType.CL_DEVICE_TYPE_CPU, limitation,
                DeviceRequirements.OfOpenCl(device.CLStdVersion));
        }
    }
}
