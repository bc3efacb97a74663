using System.Diagnostics;
using System.Numerics;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels.Ladder;

/// <summary>One rung: a product kernel, its speed and its largest difference from the SIMD path.</summary>
/// <param name="Name">What the rung adds to the one before.</param>
/// <param name="Seconds">Median time of a product.</param>
/// <param name="Gflops">2mnk over that time, in 10⁹ operations a second.</param>
/// <param name="Error">Largest difference from the SIMD path over ε times the sum of magnitudes, in units of the depth.</param>
public sealed record Rung(string Name, double Seconds, double Gflops, double Error);

/// <summary>The product kernel from the naive one to the one in use, each step checked against the SIMD path and then timed.</summary>
public static class ProductLadder
{
    /// <summary>The last rung where cuBLAS is there.</summary>
    public const string CuBlas = "cuBLAS";

    private const int Repetitions = 5;

    private delegate void Launch<T>(DeviceView<T> left, DeviceView<T> right, DeviceView<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Runs every rung on C = A·Bᵀ.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <param name="depth">k.</param>
    public static IReadOnlyList<Rung> Run<T>(ComputeDevice device, int rows, int columns, int depth)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(device, rows, columns, depth, (IColumnMajorProduct<T>?)(object?)device.CuBlas);

    /// <inheritdoc cref="Run{T}(ComputeDevice, int, int, int)"/>
    /// <param name="library">cuBLAS, to which the rungs are compared; null where there is none.</param>
    internal static IReadOnlyList<Rung> Run<T>(ComputeDevice device, int rows, int columns, int depth, IColumnMajorProduct<T>? library)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Accelerator accelerator = device.Accelerator;
        using Matrix<T> a = Random<T>(rows, depth, 1), b = Random<T>(columns, depth, 2), expected = new(rows, columns),
            actual = new(rows, columns);
        using (var team = new ThreadTeam(Environment.ProcessorCount))
        {
            Gemm.Multiply(team, T.One, a.View, b.Transposed, T.Zero, expected.View);
        }

        using DeviceMatrix<T> left = new(accelerator, rows, depth), right = new(accelerator, columns, depth),
            result = new(accelerator, rows, columns);
        left.Upload(a.View);
        right.Upload(b.View);
        var rungs = new List<Rung>();
        foreach ((string name, Launch<T> launch) in Rungs(accelerator, library))
        {
            result.Clear();
            launch(left.View, right.View, result.View);
            result.Download(actual.View);
            double error = Difference(expected, actual, depth);
            double seconds = Median(accelerator, () => launch(left.View, right.View, result.View));
            rungs.Add(new Rung(name, seconds, 2e-9 * rows * columns * depth / seconds, error));
        }

        return rungs;
    }

    private static IEnumerable<(string Name, Launch<T> Launch)> Rungs<T>(
        Accelerator accelerator, IColumnMajorProduct<T>? library)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        yield return ("naive", Rung<T>(accelerator, NaiveRung.Run, NaiveRung.Edge, NaiveRung.Edge * NaiveRung.Edge));
        yield return ("shared-memory tile 16×16", Rung<T>(accelerator, SharedRung.Run, SharedRung.Edge, SharedRung.Edge * SharedRung.Edge));
        yield return ("register tile 4×4", Rung<T>(accelerator, RegisterRung.Run, RegisterRung.Edge, 256));
        yield return ("vectorized loads", Rung<T>(accelerator, VectorRung.Run<T, Edge64, RegisterTile4<T>>, Edge64.Edge, 256));
        yield return ("register tile 8×8",
            Rung<T>(accelerator, VectorRung.Run<T, BlockSizes.Gpu, RegisterTile8<T>>, BlockSizes.Gpu.Edge, 256));
        yield return ("one barrier a stage, loads ahead", InUse<T, BlockSizes.Gpu, RegisterTile8<T>>(accelerator));
        if (library is not null)
        {
            yield return (CuBlas, (left, right, result) => library.Run(
                ColumnMajorShape.Of(left, leftAlongRows: true, right, rightAlongRows: true, left.Columns, result), T.One, right.Elements,
                left.Elements, T.Zero, result.Elements));
        }
    }

    private static Launch<T> Rung<T>(Accelerator accelerator, Action<DeviceView<T>, DeviceView<T>, DeviceView<T>> kernel, int edge,
        int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>> compiled =
            accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>>(kernel);
        return (left, right, result) => compiled(Tiles(result, edge, threads), left, right, result);
    }

    private static Launch<T> InUse<T, TBlocks, TRegisters>(Accelerator accelerator)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T>
    {
        Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T> compiled =
            accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T>(
                ProductKernel.Run<T, TBlocks, TRegisters, AlongRows, AlongRows, Linear<T>>);
        return (left, right, result) => compiled(Tiles(result, TBlocks.Edge, 256), left, right, result, T.One, T.Zero);
    }

    private static KernelConfig Tiles<T>(DeviceView<T> result, int edge, int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(new Index3D((result.Columns + edge - 1) / edge, (result.Rows + edge - 1) / edge, 1), new Index3D(threads, 1, 1));

    private static double Median(Accelerator accelerator, Action work)
    {
        var times = new double[Repetitions];
        for (int i = 0; i < Repetitions; i++)
        {
            accelerator.Synchronize();
            long start = Stopwatch.GetTimestamp();
            work();
            accelerator.Synchronize();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(times);
        return times[Repetitions / 2];
    }

    /// <summary>Normal numbers: the magnitudes of a sum of k products add up to about 0.64 k.</summary>
    private static Matrix<T> Random<T>(int rows, int columns, uint seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var matrix = new Matrix<T>(rows, columns);
        var row = new double[columns];
        for (int i = 0; i < rows; i++)
        {
            new RandomStream(seed, StreamPurpose.ProbeVectors).FillNormals(i, 0, row);
            for (int j = 0; j < columns; j++)
            {
                matrix[i, j] = T.CreateChecked(row[j]);
            }
        }

        return matrix;
    }

    private static double Difference<T>(Matrix<T> expected, Matrix<T> actual, int depth)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double largest = 0, epsilon = double.CreateChecked(T.BitIncrement(T.One) - T.One) / 2;
        for (int i = 0; i < expected.Rows; i++)
        {
            for (int j = 0; j < expected.Columns; j++)
            {
                largest = Math.Max(largest, Math.Abs(double.CreateChecked(expected[i, j] - actual[i, j])));
            }
        }

        return largest / (epsilon * 0.64 * depth) / depth;
    }

    /// <summary>Tiles of 64×64 with a register tile of 4×4.</summary>
    internal readonly struct Edge64 : IBlockSizes
    {
        public static int Edge => 64;

        public static int Depth => 16;

        public static int GroupSize => 256;
    }
}
