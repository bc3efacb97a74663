using ILGPU;

namespace Hpc.Kernels.Memory;

/// <summary>Copies between precisions, one thread an element, padding included; both views have the same shape.</summary>
internal static class ConversionKernels
{
    /// <summary>Exact.</summary>
    public static void Widen(DeviceView<float> source, DeviceView<double> target)
    {
        long index = Grid.GlobalLinearIndex;
        int row = (int)(index / source.Stride), column = (int)(index % source.Stride);
        if (row < source.Rows)
        {
            target.Set(row, column, source.Get(row, column));
        }
    }

    /// <summary>Multiplies and rounds to the nearest: a factor that is rounded itself would bias every element the same way.</summary>
    public static void Narrow(DeviceView<double> source, DeviceView<float> target, double factor)
    {
        long index = Grid.GlobalLinearIndex;
        int row = (int)(index / source.Stride), column = (int)(index % source.Stride);
        if (row < source.Rows)
        {
            target.Set(row, column, (float)(factor * source.Get(row, column)));
        }
    }
}
