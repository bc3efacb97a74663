using System.Numerics;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>Copies strips of a matrix into the order in which the register tiles read them.</summary>
internal static unsafe class Packing
{
    /// <summary>
    /// target[k·paddedWidth + w] = source[w·widthStride + k·depthStride] for w &lt; width, 0 for width ≤ w &lt; paddedWidth.
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
        else
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

        if (width < paddedWidth)
        {
            for (nint k = 0; k < depth; k++)
            {
                new Span<T>(target + k * paddedWidth + width, paddedWidth - width).Clear();
            }
        }
    }
}
