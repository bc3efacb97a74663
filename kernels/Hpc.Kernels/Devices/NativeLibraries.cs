using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace Hpc.Kernels.Devices;

/// <summary>
/// Finds the OpenCL loader and the CUDA driver under the names that distributions install. ILGPU asks for <c>libOpenCL.so</c> and
/// <c>libcuda.so</c>, which come with development packages only, and without them falls back to its CPU emulation in silence.
/// </summary>
internal static class NativeLibraries
{
    public const string OpenCl = "libOpenCL.so.1";
    public const string Cuda = "libcuda.so.1";

    private static readonly Lazy<bool> Installed = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
        return true;
    });

    /// <summary>To be called before anything of ILGPU is used.</summary>
    public static void Install() => _ = Installed.Value;

    /// <summary>Whether the dynamic linker finds a library.</summary>
    public static bool Exists(string library)
    {
        bool found = NativeLibrary.TryLoad(library, out nint handle);
        if (found)
        {
            NativeLibrary.Free(handle);
        }

        return found;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string? library = name.Contains("OpenCL", StringComparison.OrdinalIgnoreCase) ? OpenCl
            : name.Contains("cuda", StringComparison.OrdinalIgnoreCase) ? Cuda
            : null;
        return library is not null && NativeLibrary.TryLoad(library, out nint handle) ? handle : 0;
    }
}
