using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>Copies strips of a matrix into the order in which the register tiles read them.</summary>
internal static unsafe class Packing
{
    /// <summary>
    /// Packs one panel: target[k·paddedWidth + w] = source[w·widthStride + k·depthStride] for w &lt; width, 0 for
    /// width ≤ w &lt; paddedWidth.
    /// </summary>
    public static void Pack<T>(
        T* source, nint widthStride, nint depthStride, int width, int paddedWidth, nint depth, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (widthStride == 1)
        {
            for (nint k = 0; k < depth; k++)
            {
                new ReadOnlySpan<T>(source + k * depthStride, width).CopyTo(new Span<T>(target + k * paddedWidth, width));
            }
        }
        else if (depthStride == 1 && Avx.IsSupported && width >= Vector256<T>.Count)
        {
            Transpose(source, widthStride, width, paddedWidth, depth, target);
        }
        else
        {
            CopyStrided(source, widthStride, depthStride, width, paddedWidth, depth, target);
        }

        if (width < paddedWidth)
        {
            for (nint k = 0; k < depth; k++)
            {
                new Span<T>(target + k * paddedWidth + width, paddedWidth - width).Clear();
            }
        }
    }

    /// <summary>
    /// Packs neighbouring full panels whose rows are contiguous: panel p at target + p·panelWidth·depth has
    /// source[k·depthStride + p·panelWidth + w] at k·panelWidth + w. Row after row of the source, as the prefetchers like it.
    /// </summary>
    public static void PackPanels<T>(T* source, nint depthStride, int panels, int panelWidth, nint depth, T* target)
        where T : unmanaged
    {
        for (nint k = 0; k < depth; k++)
        {
            T* from = source + k * depthStride;
            T* to = target + k * panelWidth;
            for (int p = 0; p < panels; p++)
            {
                for (int w = 0; w < panelWidth; w += Vector128<T>.Count)
                {
                    Vector128.Load(from + w).Store(to + w);
                }

                from += panelWidth;
                to += panelWidth * depth;
            }
        }
    }

    /// <summary>Square blocks of vectors; where the width is no multiple of the block the last one overlaps its neighbour.</summary>
    private static void Transpose<T>(T* source, nint widthStride, int width, int paddedWidth, nint depth, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int block = Vector256<T>.Count;
        nint blocked = depth - depth % block;
        for (nint k = 0; k < blocked; k += block)
        {
            for (int w = 0; w < width; w += block)
            {
                int first = Math.Min(w, width - block);
                TransposeBlock(source + first * widthStride + k, widthStride, target + k * paddedWidth + first, paddedWidth);
            }
        }

        CopyStrided(source + blocked, widthStride, 1, width, paddedWidth, depth - blocked, target + blocked * paddedWidth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeBlock<T>(T* from, nint fromStride, T* to, nint toStride)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            TransposeBlock((float*)from, fromStride, (float*)to, toStride);
        }
        else
        {
            TransposeBlock((double*)from, fromStride, (double*)to, toStride);
        }
    }

    private static void TransposeBlock(float* from, nint fromStride, float* to, nint toStride)
    {
        // Rows i and i+4 are loaded as the halves of one register, so that shuffles within halves finish the work.
        float* lower = from + 4 * fromStride;
        Vector256<float> r0 = Halves(from, lower);
        Vector256<float> r1 = Halves(from + fromStride, lower + fromStride);
        Vector256<float> r2 = Halves(from + 2 * fromStride, lower + 2 * fromStride);
        Vector256<float> r3 = Halves(from + 3 * fromStride, lower + 3 * fromStride);
        TransposeHalves(r0, r1, r2, r3, to, toStride);
        r0 = Halves(from + 4, lower + 4);
        r1 = Halves(from + fromStride + 4, lower + fromStride + 4);
        r2 = Halves(from + 2 * fromStride + 4, lower + 2 * fromStride + 4);
        r3 = Halves(from + 3 * fromStride + 4, lower + 3 * fromStride + 4);
        TransposeHalves(r0, r1, r2, r3, to + 4 * toStride, toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* upper, float* lower)
        => Avx.InsertVector128(Vector128.Load(upper).ToVector256Unsafe(), Vector128.Load(lower), 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeHalves(
        Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3, float* to, nint toStride)
    {
        Vector256<double> low01 = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> high01 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> high23 = Avx.UnpackHigh(r2, r3).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(to);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(to + toStride);
        Avx.UnpackLow(high01, high23).AsSingle().Store(to + 2 * toStride);
        Avx.UnpackHigh(high01, high23).AsSingle().Store(to + 3 * toStride);
    }

    private static void TransposeBlock(double* from, nint fromStride, double* to, nint toStride)
    {
        Vector256<double> r0 = Vector256.Load(from);
        Vector256<double> r1 = Vector256.Load(from + fromStride);
        Vector256<double> r2 = Vector256.Load(from + 2 * fromStride);
        Vector256<double> r3 = Vector256.Load(from + 3 * fromStride);
        Vector256<double> low01 = Avx.UnpackLow(r0, r1);
        Vector256<double> high01 = Avx.UnpackHigh(r0, r1);
        Vector256<double> low23 = Avx.UnpackLow(r2, r3);
        Vector256<double> high23 = Avx.UnpackHigh(r2, r3);
        Avx.Permute2x128(low01, low23, 0x20).Store(to);
        Avx.Permute2x128(high01, high23, 0x20).Store(to + toStride);
        Avx.Permute2x128(low01, low23, 0x31).Store(to + 2 * toStride);
        Avx.Permute2x128(high01, high23, 0x31).Store(to + 3 * toStride);
    }

    private static void CopyStrided<T>(
        T* source, nint widthStride, nint depthStride, int width, int paddedWidth, nint depth, T* target)
        where T : unmanaged
    {
        for (int w = 0; w < width; w++)
        {
            T* from = source + w * widthStride;
            T* to = target + w;
            for (nint k = 0; k < depth; k++)
            {
                *to = *from;
                from += depthStride;
                to += paddedWidth;
            }
        }
    }
}
