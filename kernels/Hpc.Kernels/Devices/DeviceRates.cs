using System.Diagnostics;
using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels.Devices;

/// <summary>
/// How fast a device is at what tasks spend their time on there, from measurements that grow until they have taken a fraction of a second.
/// </summary>
/// <param name="SingleProducts">Floating-point operations a second of matrix products in single precision.</param>
/// <param name="DoubleProducts">The same in double precision; 0 where the device has none.</param>
/// <param name="ReadBytes">Bytes a second that a reduction reads.</param>
public sealed record DeviceRates(double SingleProducts, double DoubleProducts, double ReadBytes)
{
    private const int FirstSide = 32;

    private const int LargestSide = 4096;

    /// <summary>
    /// Seconds that one of the three measurements may take, compiling aside: the next size is left out where it would take longer.
    /// </summary>
    private const double Budget = 0.2;

    /// <summary>Measures.</summary>
    public static DeviceRates Measure(ComputeDevice device)
    {
        device.Bind();
        return new DeviceRates(
            Products(device.Library<float>()), device.Info.HasDoubles ? Products(device.Library<double>()) : 0, Reading(device.Library<float>()));
    }

    private static double Products<T>(KernelLibrary<T> library)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Product<T> product = library.LoadProduct<AlongRows, AlongRows, Linear<T>>();
        return Largest(library.Accelerator, 8, side =>
        {
            DeviceMatrix<T>[] memory = [.. Enumerable.Range(0, 3).Select(_ => new DeviceMatrix<T>(library.Accelerator, side, side))];
            return new Trial(
                2.0 * side * side * side, () => product.Run(memory[0].View, memory[1].View, side, T.One, T.Zero, memory[2].View), memory);
        });
    }

    private static double Reading(KernelLibrary<float> library)
    {
        Action<KernelConfig, DeviceView<float>, DeviceView<float>, float, float> sums = library.LoadRowSums<Square>();
        return Largest(library.Accelerator, 4, side =>
        {
            DeviceMatrix<float> matrix = new(library.Accelerator, side, side), result = new(library.Accelerator, side, 1);
            return new Trial(
                sizeof(float) * (double)side * side, () => sums(library.GroupPerRow(side), matrix.View, result.View, 1, 0), [matrix, result]);
        });
    }

    /// <summary>The largest rate over growing sizes.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="growth">How much more work twice the size is.</param>
    /// <param name="prepare">The work of a size.</param>
    private static double Largest(Accelerator accelerator, int growth, Func<int, Trial> prepare)
    {
        double rate = 0, spent = 0;
        for (int side = FirstSide; side <= LargestSide; side *= 2)
        {
            Trial trial = prepare(side);
            double first = Seconds(accelerator, trial.Run), second = Seconds(accelerator, trial.Run);
            Array.ForEach(trial.Memory, part => part.Dispose());
            rate = Math.Max(rate, trial.Work / second);
            spent += second + (side == FirstSide ? 0 : first);
            if (spent + 2 * growth * second > Budget)
            {
                break;
            }
        }

        return rate;
    }

    private static double Seconds(Accelerator accelerator, Action work)
    {
        accelerator.Synchronize();
        long start = Stopwatch.GetTimestamp();
        work();
        accelerator.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed record Trial(double Work, Action Run, IDisposable[] Memory);
}
