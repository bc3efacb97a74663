using System.Runtime.InteropServices;

namespace Hpc.Diffusion.Kernels;

/// <summary>Asks the system for large pages.</summary>
internal static unsafe class HugePages
{
    private const int AdviseHugePage = 14;

    /// <summary>Only a wish: the memory is the same when it is not granted.</summary>
    public static void Advise(void* address, nuint bytes) => _ = AdviseMemory(address, bytes, AdviseHugePage);

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int AdviseMemory(void* address, nuint bytes, int advice);
}
