using System.Numerics;
using System.Runtime.Intrinsics;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Tests.LinearAlgebra;

/// <summary>x ↦ x², exact on small integers.</summary>
internal readonly struct Square<T> : IElementwise<T>
    where T : unmanaged, IMultiplyOperators<T, T, T>
{
    public static T Invoke(T x) => x * x;

    public static Vector256<T> Invoke(Vector256<T> x) => x * x;

    public static Vector512<T> Invoke(Vector512<T> x) => x * x;
}
