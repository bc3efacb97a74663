using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;

namespace Hpc.Kernels.Devices;

/// <summary>What a driver must offer; each function gives the problem in words, or null.</summary>
internal static class DeviceRequirements
{
    /// <summary>ILGPU writes PTX of certain versions, of which the driver must know one that has the architecture.</summary>
    /// <param name="architecture">Of the GPU; null where ILGPU does not know it.</param>
    /// <param name="driver">CUDA version of the driver.</param>
    public static string? OfCuda(CudaArchitecture? architecture, CudaDriverVersion driver)
    {
        if (architecture is not CudaArchitecture known)
        {
            return "its compute capability is unknown to ILGPU: use another device";
        }

        bool found = CudaAccelerator.TryGetInstructionSet(known, driver, out CudaDriverVersion least, out CudaInstructionSet set);
        return found && PTXCodeGenerator.SupportedInstructionSets.Contains(set) ? null
            : $"its driver is of CUDA {driver.Major}.{driver.Minor}, {known} needs one of CUDA {least.Major}.{least.Minor} or later: update the driver";
    }

    /// <summary>ILGPU writes OpenCL C 2.0.</summary>
    /// <param name="version">The newest that the driver compiles.</param>
    public static string? OfOpenCl(CLCVersion version)
    {
        CLCVersion least = CLBackend.MinimumVersion;
        return version < least
            ? $"its driver compiles OpenCL C {version.Major}.{version.Minor}, needed is {least.Major}.{least.Minor} or later: update the driver"
            : null;
    }
}
