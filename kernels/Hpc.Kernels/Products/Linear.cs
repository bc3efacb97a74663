using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hpc.Numerics.Simd;

namespace Hpc.Kernels.Products;

/// <summary>The function that changes nothing: the epilogue of a bare product.</summary>
internal readonly struct Linear<T> : IElementwise<T>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Invoke(T x) => x;

    public static Vector256<T> Invoke(Vector256<T> x) => x;

    public static Vector512<T> Invoke(Vector512<T> x) => x;
}
