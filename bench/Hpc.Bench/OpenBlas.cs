using System.Runtime.InteropServices;

namespace Hpc.Bench;

/// <summary>The OpenBLAS of the system, bound at run time: the peer that the products are compared with, never a dependency.</summary>
internal sealed unsafe class OpenBlas
{
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Lower = 122;

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> sgemm;
    private readonly delegate* unmanaged<int, int, int, int, int, int, double, double*, int, double*, int, double, double*, int, void> dgemm;
    private readonly delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void> ssyrk;
    private readonly delegate* unmanaged<int, void> setThreads;

    private OpenBlas(nint library)
    {
        sgemm = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_sgemm");
        dgemm = (delegate* unmanaged<int, int, int, int, int, int, double, double*, int, double*, int, double, double*, int, void>)
            NativeLibrary.GetExport(library, "cblas_dgemm");
        ssyrk = (delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_ssyrk");
        setThreads = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads");
        var config = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "openblas_get_config");
        var core = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "openblas_get_corename");
        Description = $"{Marshal.PtrToStringUTF8((nint)config())}, kernel {Marshal.PtrToStringUTF8((nint)core())}";
    }

    /// <summary>Version, build options and the kernel that it chose.</summary>
    public string Description { get; }

    /// <summary>The library, or null if the system has none.</summary>
    public static OpenBlas? TryLoad()
    {
        // They would choose an older kernel than the processor can run. The library reads the environment of the C library, which
        // Environment.SetEnvironmentVariable does not change.
        UnsetEnvironmentVariable("OPENBLAS_CORETYPE");
        UnsetEnvironmentVariable("OPENBLAS_L2_SIZE");
        return NativeLibrary.TryLoad("libopenblas.so.0", out nint library) ? new OpenBlas(library) : null;
    }

    public void SetThreads(int count) => setThreads(count);

    /// <summary>C = A·B, all n × n and row-major.</summary>
    public void Multiply(int n, float* a, float* b, float* c)
        => sgemm(RowMajor, NoTranspose, NoTranspose, n, n, n, 1, a, n, b, n, 0, c, n);

    /// <inheritdoc cref="Multiply(int, float*, float*, float*)"/>
    public void Multiply(int n, double* a, double* b, double* c)
        => dgemm(RowMajor, NoTranspose, NoTranspose, n, n, n, 1, a, n, b, n, 0, c, n);

    /// <summary>C = A·Aᵀ, lower triangle, A n × k and row-major.</summary>
    public void MultiplyWithTranspose(int n, int k, float* a, float* c)
        => ssyrk(RowMajor, Lower, NoTranspose, n, k, 1, a, k, 0, c, n);

    [DllImport("libc", EntryPoint = "unsetenv")]
    private static extern int UnsetEnvironmentVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
