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

    /// <summary>Rounds to the nearest.</summary>
    public static void Narrow(DeviceView<double> source, DeviceView<float> target)
    {
        long index = Grid.GlobalLinearIndex;
        int row = (int)(index / source.Stride), column = (int)(index % source.Stride);
        if (row < source.Rows)
        {
            target.Set(row, column, (float)source.Get(row, column));
        }
    }
}
