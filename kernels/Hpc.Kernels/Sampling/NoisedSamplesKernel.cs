using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Sampling;

/// <summary>
/// ξ ~ N(0, 1) and y = a·x + b·ξ: the noise and the noised samples x_t = e^{−t}x + √Δ ξ of a block of rows, or, with the centroid as the
/// only row of x, fresh samples m_c + σ_c z.
/// </summary>
/// <remarks>
/// One thread a Philox block of four numbers; a block may straddle rows. For n rows of N: 10 rounds and two Box–Muller pairs for four
/// elements, nN elements read, 2nN written.
/// </remarks>
internal static class NoisedSamplesKernel
{
    /// <param name="source">x; row (sourceOffset + i) mod rows belongs to row i of the block.</param>
    /// <param name="sourceOffset">Row of x that the first row of the block takes.</param>
    /// <param name="noised">Receives y, n×N.</param>
    /// <param name="noise">Receives ξ, n×N.</param>
    /// <param name="decay">a.</param>
    /// <param name="amplitude">b.</param>
    /// <param name="range">Which numbers.</param>
    public static void Run<T, TPrecision>(
        DeviceView<T> source, long sourceOffset, DeviceView<T> noised, DeviceView<T> noise, T decay, T amplitude, NormalsRange range)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPrecision : struct, IPrecision<T>
    {
        long block = range.FirstIndex / 4 + Grid.GlobalLinearIndex;
        long element = 4 * block - range.FirstIndex;
        if (element >= (long)noise.Rows * noise.Columns)
        {
            return;
        }

        Four<T> numbers = TPrecision.Normals(range.Key0, range.Key1, range.Step, block);
        Put(source, sourceOffset, noised, noise, decay, amplitude, element, numbers.X);
        Put(source, sourceOffset, noised, noise, decay, amplitude, element + 1, numbers.Y);
        Put(source, sourceOffset, noised, noise, decay, amplitude, element + 2, numbers.Z);
        Put(source, sourceOffset, noised, noise, decay, amplitude, element + 3, numbers.W);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(
        DeviceView<T> source, long sourceOffset, DeviceView<T> noised, DeviceView<T> noise, T decay, T amplitude, long element, T number)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (element < 0 || element >= (long)noise.Rows * noise.Columns)
        {
            return;
        }

        int row = (int)(element / noise.Columns), column = (int)(element % noise.Columns);
        noise.Set(row, column, number);
        T scaled = amplitude * number;
        noised.Set(row, column, T.FusedMultiplyAdd(decay, source.Get((int)((sourceOffset + row) % source.Rows), column), scaled));
    }
}
