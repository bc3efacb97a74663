using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hpc.Numerics.Simd;

namespace Hpc.Diffusion.Kernels;

/// <summary>
/// y ← y + w Σ_r φ_r (φ_r·x) for four rows at a time: they are read from memory once, for the sums, and once more out of the cache.
/// Rows of single precision are widened in the registers, and everything is summed in double.
/// </summary>
internal static unsafe class FewVectors
{
    /// <summary>Rows of one call.</summary>
    public const int Rows = 4;

    /// <param name="rows">Four rows of <paramref name="length"/> numbers, <paramref name="stride"/> apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T* rows, nint stride, int length, double weight, double* x, double* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T* r0 = rows, r1 = rows + stride, r2 = rows + 2 * stride, r3 = rows + 3 * stride;
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        if (SimdSupport.Widest == SimdWidth.Vector512)
        {
            Vector512<double> v0 = default, v1 = default, v2 = default, v3 = default;
            for (; i <= length - 8; i += 8)
            {
                Vector512<double> input = Vector512.Load(x + i);
                v0 = Avx512F.FusedMultiplyAdd(Load512(r0 + i), input, v0);
                v1 = Avx512F.FusedMultiplyAdd(Load512(r1 + i), input, v1);
                v2 = Avx512F.FusedMultiplyAdd(Load512(r2 + i), input, v2);
                v3 = Avx512F.FusedMultiplyAdd(Load512(r3 + i), input, v3);
            }

            (s0, s1, s2, s3) = (Vector512.Sum(v0), Vector512.Sum(v1), Vector512.Sum(v2), Vector512.Sum(v3));
        }
        else if (SimdSupport.Widest == SimdWidth.Vector256)
        {
            Vector256<double> v0 = default, v1 = default, v2 = default, v3 = default;
            for (; i <= length - 4; i += 4)
            {
                Vector256<double> input = Vector256.Load(x + i);
                v0 = Fma.MultiplyAdd(Load256(r0 + i), input, v0);
                v1 = Fma.MultiplyAdd(Load256(r1 + i), input, v1);
                v2 = Fma.MultiplyAdd(Load256(r2 + i), input, v2);
                v3 = Fma.MultiplyAdd(Load256(r3 + i), input, v3);
            }

            (s0, s1, s2, s3) = (Vector256.Sum(v0), Vector256.Sum(v1), Vector256.Sum(v2), Vector256.Sum(v3));
        }

        for (; i < length; i++)
        {
            s0 += double.CreateTruncating(r0[i]) * x[i];
            s1 += double.CreateTruncating(r1[i]) * x[i];
            s2 += double.CreateTruncating(r2[i]) * x[i];
            s3 += double.CreateTruncating(r3[i]) * x[i];
        }

        (s0, s1, s2, s3) = (weight * s0, weight * s1, weight * s2, weight * s3);
        i = 0;
        if (SimdSupport.Widest == SimdWidth.Vector512)
        {
            Vector512<double> w0 = Vector512.Create(s0), w1 = Vector512.Create(s1), w2 = Vector512.Create(s2), w3 = Vector512.Create(s3);
            for (; i <= length - 8; i += 8)
            {
                Vector512<double> sum = Avx512F.FusedMultiplyAdd(Load512(r0 + i), w0, Vector512.Load(y + i));
                sum = Avx512F.FusedMultiplyAdd(Load512(r1 + i), w1, sum);
                sum = Avx512F.FusedMultiplyAdd(Load512(r2 + i), w2, sum);
                Avx512F.FusedMultiplyAdd(Load512(r3 + i), w3, sum).Store(y + i);
            }
        }
        else if (SimdSupport.Widest == SimdWidth.Vector256)
        {
            Vector256<double> w0 = Vector256.Create(s0), w1 = Vector256.Create(s1), w2 = Vector256.Create(s2), w3 = Vector256.Create(s3);
            for (; i <= length - 4; i += 4)
            {
                Vector256<double> sum = Fma.MultiplyAdd(Load256(r0 + i), w0, Vector256.Load(y + i));
                sum = Fma.MultiplyAdd(Load256(r1 + i), w1, sum);
                sum = Fma.MultiplyAdd(Load256(r2 + i), w2, sum);
                Fma.MultiplyAdd(Load256(r3 + i), w3, sum).Store(y + i);
            }
        }

        for (; i < length; i++)
        {
            y[i] += s0 * double.CreateTruncating(r0[i]) + s1 * double.CreateTruncating(r1[i])
                + s2 * double.CreateTruncating(r2[i]) + s3 * double.CreateTruncating(r3[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Load512<T>(T* source)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? Avx512F.ConvertToVector512Double(Vector256.Load((float*)source)) : Vector512.Load((double*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Load256<T>(T* source)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? Avx.ConvertToVector256Double(Vector128.Load((float*)source)) : Vector256.Load((double*)source);
}
