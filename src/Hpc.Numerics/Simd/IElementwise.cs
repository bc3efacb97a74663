using System.Runtime.Intrinsics;

namespace Hpc.Numerics.Simd;

/// <summary>
/// A stateless function of one variable at the three widths of the SIMD kernels. It is passed as a type argument, so that the
/// compiler inlines it into the loop or the tile epilogue that applies it. The scalar form is the reference for the others.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>; a function implements the interface once for each.</typeparam>
public interface IElementwise<T>
    where T : unmanaged
{
    static abstract T Invoke(T x);

    static abstract Vector256<T> Invoke(Vector256<T> x);

    static abstract Vector512<T> Invoke(Vector512<T> x);
}
