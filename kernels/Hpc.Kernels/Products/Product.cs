using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels.Products;

/// <summary>
/// A compiled product C = f(α·A·B + β·C): a library's where there is one and f changes nothing, else <see cref="ProductKernel.Run"/> or slices of
/// the depth.
/// </summary>
/// <param name="accelerator">The device.</param>
/// <param name="launchers">Own kernels.</param>
/// <param name="shape">Block sizes of these.</param>
/// <param name="library">Computes the product instead; null for own kernels.</param>
internal sealed class Product<T>(Accelerator accelerator, ProductLaunchers<T> launchers, BlockShape shape, IColumnMajorProduct<T>? library) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Stages of the main loop that a slice has at least, so that its sums are worth their trip through memory.</summary>
    private const int LeastStages = 8;

    private DeviceMatrix<T>? partials;

    /// <summary>Groups below which the depth is cut into slices: two for each multiprocessor.</summary>
    public int WantedGroups { get; init; } = 2 * accelerator.NumMultiprocessors;

    /// <summary>Bound on the memory that slices take, in bytes: two groups with tiles of 128×128 for each of 256 multiprocessors.</summary>
    public static unsafe long PartialBytes => 2L * 256 * 128 * 128 * sizeof(T);

    /// <summary>Memory of the slices so far.</summary>
    public long Bytes => partials is null ? 0 : DeviceMatrix<T>.BytesOf(partials.Rows, partials.Columns);

    /// <summary>Starts the product; the depth is that of the factors as they were compiled.</summary>
    /// <param name="left">A.</param>
    /// <param name="right">B.</param>
    /// <param name="depth">k.</param>
    /// <param name="result">C, m×n, not A or B; not read if β is 0.</param>
    public void Run(DeviceView<T> left, DeviceView<T> right, int depth, T alpha, T beta, DeviceView<T> result)
    {
        if (library is not null)
        {
            library.Run(
                ColumnMajorShape.Of(left, launchers.LeftAlongRows, right, launchers.RightAlongRows, depth, result), alpha, right.Elements,
                left.Elements, beta, result.Elements);
            if (result.Stride > result.Columns)
            {
                launchers.ClearPadding(new KernelConfig(Ceiling(result.Rows, shape.GroupSize), shape.GroupSize), result);
            }

            return;
        }

        int across = Ceiling(result.Columns, shape.Edge), down = Ceiling(result.Rows, shape.Edge);
        int slices = Math.Min(WantedGroups / Math.Max(1, across * down), Ceiling(depth, LeastStages * shape.Depth));
        if (slices <= 1)
        {
            launchers.Direct(new KernelConfig(new Index3D(across, down, 1), new Index3D(shape.Threads, 1, 1)), left, right, result, alpha, beta);
            return;
        }

        int sliceDepth = Ceiling(Ceiling(depth, slices), shape.Depth) * shape.Depth;
        slices = Ceiling(depth, sliceDepth);
        DeviceView<T> parts = Partials(slices * result.Rows, result.Columns);
        launchers.Slice(
            new KernelConfig(new Index3D(across, down, slices), new Index3D(shape.Threads, 1, 1)), left, right, parts, result.Rows,
                sliceDepth);
        launchers.Sum(
            new KernelConfig(Ceiling(result.Rows * (result.Stride / 4), shape.GroupSize), shape.GroupSize), parts, slices, result, alpha, beta);
    }

    public void Dispose() => partials?.Dispose();

    private static int Ceiling(int a, int b) => (a + b - 1) / b;

    /// <summary>Grows on the first epochs and stays: no more than WantedGroups tiles.</summary>
    private DeviceView<T> Partials(int rows, int columns)
    {
        if (partials is null || DeviceMatrix<T>.BytesOf(rows, columns) > DeviceMatrix<T>.BytesOf(partials.Rows, partials.Columns))
        {
            accelerator.Synchronize();
            partials?.Dispose();
            partials = new DeviceMatrix<T>(accelerator, rows, columns);
        }

        return partials.Reshaped(rows, columns);
    }
}
