using System.Runtime.Intrinsics;

namespace Hpc.Numerics.Simd;

/// <summary>Applies a function to every element of a span: the one place that chooses the width and treats the tail.</summary>
public static class Elementwise
{
    /// <summary>y[i] = <typeparamref name="TFunction"/>(x[i]) at the widest width of this machine.</summary>
    /// <param name="x">Arguments.</param>
    /// <param name="y">Results, as long as <paramref name="x"/>; the same span as <paramref name="x"/> or disjoint from it.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the spans overlap without being equal.</exception>
    public static void Apply<T, TFunction>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged
        where TFunction : struct, IElementwise<T> =>
        Apply<T, TFunction>(x, y, SimdSupport.Widest);

    internal static void Apply<T, TFunction>(ReadOnlySpan<T> x, Span<T> y, SimdWidth width)
        where T : unmanaged
        where TFunction : struct, IElementwise<T>
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"x has {x.Length} elements and y has {y.Length}: give them the same length.", nameof(y));
        }

        if (x.Overlaps(y, out int offset) && offset != 0)
        {
            throw new ArgumentException($"y overlaps x shifted by {offset}: pass the same span, or one that is disjoint.", nameof(y));
        }

        switch (width)
        {
            case SimdWidth.Vector512:
                Apply512<T, TFunction>(x, y);
                break;
            case SimdWidth.Vector256:
                Apply256<T, TFunction>(x, y);
                break;
            default:
                for (int i = 0; i < x.Length; i++)
                {
                    y[i] = TFunction.Invoke(x[i]);
                }

                break;
        }
    }

    private static void Apply512<T, TFunction>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged
        where TFunction : struct, IElementwise<T>
    {
        int lanes = Vector512<T>.Count;
        int i = 0;
        for (; i <= x.Length - lanes; i += lanes)
        {
            TFunction.Invoke(Vector512.Create(x[i..])).CopyTo(y[i..]);
        }

        if (i < x.Length)
        {
            // A vector of its own rather than one that reaches back: x and y may be the same memory.
            Span<T> tail = stackalloc T[lanes];
            tail.Clear();
            x[i..].CopyTo(tail);
            TFunction.Invoke(Vector512.Create<T>(tail)).CopyTo(tail);
            tail[..(x.Length - i)].CopyTo(y[i..]);
        }
    }

    private static void Apply256<T, TFunction>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged
        where TFunction : struct, IElementwise<T>
    {
        int lanes = Vector256<T>.Count;
        int i = 0;
        for (; i <= x.Length - lanes; i += lanes)
        {
            TFunction.Invoke(Vector256.Create(x[i..])).CopyTo(y[i..]);
        }

        if (i < x.Length)
        {
            Span<T> tail = stackalloc T[lanes];
            tail.Clear();
            x[i..].CopyTo(tail);
            TFunction.Invoke(Vector256.Create<T>(tail)).CopyTo(tail);
            tail[..(x.Length - i)].CopyTo(y[i..]);
        }
    }
}
