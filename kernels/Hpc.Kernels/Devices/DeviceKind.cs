namespace Hpc.Kernels.Devices;

/// <summary>The ways to compute.</summary>
public enum DeviceKind
{
    /// <summary>The SIMD kernels of Hpc.Numerics; no accelerator.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU through the CUDA driver.</summary>
    Cuda,

    /// <summary>Any OpenCL device.</summary>
    OpenCl,

    /// <summary>ILGPU's emulation on the CPU, one thread a lane: for checking kernels, not for speed.</summary>
    IlgpuCpu,
}
