using System.Numerics;
using Hpc.Kernels.Devices;
using ILGPU;

namespace Hpc.Kernels.Memory;

/// <summary>Between the precision of what is kept, <typeparamref name="T"/>, and double precision; nothing where they are the same.</summary>
internal sealed class Conversion<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly KernelLibrary<double> library;
    private readonly Action<KernelConfig, DeviceView<float>, DeviceView<double>>? widen;
    private readonly Action<KernelConfig, DeviceView<double>, DeviceView<float>, double>? narrow;

    public Conversion(ComputeDevice device)
    {
        library = device.Library<double>();
        if (typeof(T) == typeof(float))
        {
            (widen, narrow) = (library.LoadWiden(), library.LoadNarrow());
        }
    }

    /// <summary>The matrix in double precision: itself, or copied to <paramref name="scratch"/>.</summary>
    /// <param name="source">m×n.</param>
    /// <param name="scratch">Memory for m×n numbers; not used where nothing is to be converted.</param>
    public DeviceView<double> Widen(DeviceView<T> source, DeviceMatrix<double>? scratch)
    {
        if (source is DeviceView<double> same)
        {
            return same;
        }

        DeviceView<double> target = scratch!.Reshaped(source.Rows, source.Columns);
        widen!(library.Elementwise((long)source.Rows * source.Stride), (DeviceView<float>)(object)source, target);
        return target;
    }

    /// <summary>The matrix in the other direction: itself, or times a factor in <paramref name="scratch"/>.</summary>
    /// <param name="source">m×n.</param>
    /// <param name="scratch">Receives it where it is to be converted.</param>
    /// <param name="factor">Multiplies what is converted.</param>
    public DeviceView<T> Narrow(DeviceView<double> source, DeviceView<T> scratch, double factor = 1)
    {
        if (source is DeviceView<T> same)
        {
            return same;
        }

        narrow!(library.Elementwise((long)source.Rows * source.Stride), source, (DeviceView<float>)(object)scratch, factor);
        return scratch;
    }
}
