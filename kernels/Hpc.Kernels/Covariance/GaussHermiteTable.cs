using Hpc.Kernels.Memory;
using Hpc.Numerics.LinearAlgebra;
using ILGPU.Runtime;

namespace Hpc.Kernels.Covariance;

/// <summary>A <see cref="HermiteTable"/> in device memory, as the coefficient kernels read it.</summary>
internal sealed class GaussHermiteTable : IDisposable
{
    private const int GroupOrders = HermiteCoefficientsKernel.Orders;

    /// <summary>The columns of the table of <see cref="ReluCoefficientsKernel"/>.</summary>
    private static readonly Func<int, double>[] ReluRecurrence =
    [
        k => k == 0 ? Math.Sqrt(0.5) : 1 / Math.Sqrt(k),
        k => k == 0 ? 0.5 : Math.Sqrt((k - 1.0) / k),
        k => k == 0 ? Math.Sqrt(0.125) : k == 1 ? 0 : 1 / Math.Sqrt(k * (k - 1.0)),
    ];

    private readonly DeviceMatrix<double> weights;

    public GaussHermiteTable(Accelerator accelerator, HermiteTable table)
    {
        int count = table.Nodes.Length, groups = (table.Orders + GroupOrders - 1) / GroupOrders;
        Nodes = Upload(accelerator, count, 1, (q, _) => table.Nodes[q]);
        weights = Upload(accelerator, groups * count, GroupOrders + 1, (row, j) =>
            j == GroupOrders ? table.Weights[row % count]
            : row / count * GroupOrders + j is int order && order < table.Orders ? table.Values[order, row % count]
            : 0);
        Recurrence = Upload(accelerator, table.Orders, 3, (k, j) => ReluRecurrence[j](k));
    }

    /// <summary>z, Q×1.</summary>
    public DeviceMatrix<double> Nodes { get; }

    /// <summary>The constants of the closed form for max(0, x).</summary>
    public DeviceMatrix<double> Recurrence { get; }

    /// <summary>Weights of eight orders from 8·<paramref name="group"/> on, and w_q.</summary>
    public DeviceView<double> Group(int group) => weights.View.RowRange(group * Nodes.Rows, Nodes.Rows);

    public void Dispose()
    {
        Nodes.Dispose();
        weights.Dispose();
        Recurrence.Dispose();
    }

    private static DeviceMatrix<double> Upload(Accelerator accelerator, int rows, int columns, Func<int, int, double> element)
    {
        using var host = new Matrix<double>(rows, columns);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                host[i, j] = element(i, j);
            }
        }

        var matrix = new DeviceMatrix<double>(accelerator, rows, columns);
        matrix.Upload(host.View);
        return matrix;
    }
}
