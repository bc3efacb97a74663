using System.Runtime.CompilerServices;
using Hpc.Kernels.Products;
using ILGPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.Cuda.API;

namespace Hpc.Kernels.Devices;

/// <summary>
/// cuBLAS through ILGPU's binding, which knows versions 10 to 12. A handle belongs to one device; its products run in the default queue, among
/// the kernels, whichever thread asks for them, and by one thread at a time.
/// </summary>
internal sealed class CuBlasLibrary : IColumnMajorProduct<float>, IColumnMajorProduct<double>, IDisposable
{
    private static readonly (string File, CuBlasAPIVersion Version)[] Known =
        [("libcublas.so.12", CuBlasAPIVersion.V12), ("libcublas.so.11", CuBlasAPIVersion.V11), ("libcublas.so.10", CuBlasAPIVersion.V10)];

    private readonly CudaAccelerator accelerator;
    private readonly CuBlas cublas;

    private CuBlasLibrary(CudaAccelerator accelerator, CuBlas cublas)
    {
        (this.accelerator, this.cublas) = (accelerator, cublas);
        cublas.Stream = (CudaStream)accelerator.DefaultStream;
    }

    /// <summary>Version as the library tells it: 120400 is 12.4.0.</summary>
    public int Version => cublas.Version;

    /// <summary>What <c>hpc devices</c> says of it.</summary>
    /// <param name="exists">Whether the dynamic linker finds a file.</param>
    public static string Describe(Func<string, bool> exists) => Known.Select(k => k.File).FirstOrDefault(exists) is { } file
        ? $"plain products by cuBLAS ({file})"
        : $"plain products by own kernels: none of {string.Join(", ", Known.Select(k => k.File))} was found by the dynamic linker";

    /// <summary>Starts the newest version that works on a device; null where there is none.</summary>
    public static CuBlasLibrary? Start(CudaAccelerator accelerator)
    {
        foreach ((string file, CuBlasAPIVersion version) in Known)
        {
            if (!NativeLibraries.Exists(file))
            {
                continue;
            }

            try
            {
                return new CuBlasLibrary(accelerator, new CuBlas(accelerator, version));
            }
            catch (Exception e) when (e is CuBlasException or DllNotFoundException or EntryPointNotFoundException)
            {
                // One that is newer than the driver does not start; an older one may.
            }
        }

        return null;
    }

    public void Run(in ColumnMajorShape shape, float alpha, ArrayView<float> a, ArrayView<float> b, float beta, ArrayView<float> c)
    {
        // The context of the device must be current on the thread that calls.
        accelerator.Bind();
        cublas.Gemm(
            Operation(shape.TransposeA), Operation(shape.TransposeB), shape.Rows, shape.Columns, shape.Depth, alpha, a, shape.StrideA, b,
            shape.StrideB, beta, c, shape.StrideC);
    }

    public void Run(in ColumnMajorShape shape, double alpha, ArrayView<double> a, ArrayView<double> b, double beta, ArrayView<double> c)
    {
        accelerator.Bind();
        cublas.Gemm(
            Operation(shape.TransposeA), Operation(shape.TransposeB), shape.Rows, shape.Columns, shape.Depth, alpha, a, shape.StrideA, b,
            shape.StrideB, beta, c, shape.StrideC);
    }

    public void Dispose()
    {
        accelerator.Bind();
        cublas.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static CuBlasOperation Operation(bool transpose) => transpose ? CuBlasOperation.Transpose : CuBlasOperation.NonTranspose;
}
