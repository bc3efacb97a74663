using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>What the machine can do at most: multiply-adds that wait for nothing, and reading of memory.</summary>
internal static unsafe class Peak
{
    private const int Steps = 2_000_000;

    /// <summary>Floating-point operations of one call of <see cref="MultiplyAdds"/> on one thread.</summary>
    public static double Operations<T>() => 2.0 * 16 * Steps * Lanes<T>();

    /// <summary>Sixteen independent chains of multiply-adds in registers: four cycles of latency times two units need eight.</summary>
    public static void MultiplyAdds<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (SimdSupport.Widest)
        {
            case SimdWidth.Vector512:
                Chains512<T>();
                break;
            case SimdWidth.Vector256:
                Chains256<T>();
                break;
            default:
                ChainsScalar<T>();
                break;
        }
    }

    /// <summary>Reads the matrix once, shared among the threads of the team.</summary>
    public static void Read(ThreadTeam team, Matrix<float> matrix)
        => team.Run(thread =>
        {
            long from = matrix.Length * thread / team.Count / 64 * 64;
            long to = matrix.Length * (thread + 1) / team.Count / 64 * 64;
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (float* p = matrix.Pointer + from; p < matrix.Pointer + to; p += 64)
            {
                s0 += Vector512.Load(p);
                s1 += Vector512.Load(p + 16);
                s2 += Vector512.Load(p + 32);
                s3 += Vector512.Load(p + 48);
            }

            Keep(Vector512.Sum(s0 + s1 + s2 + s3));
        });

    private static int Lanes<T>() => SimdSupport.Widest switch
    {
        SimdWidth.Vector512 => 64 / Unsafe.SizeOf<T>(),
        SimdWidth.Vector256 => 32 / Unsafe.SizeOf<T>(),
        _ => 1,
    };

    private static void Chains512<T>()
    {
        Vector512<T> x = Vector512<T>.Zero;
        Vector512<T> s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x;
        Vector512<T> s8 = x, s9 = x, sA = x, sB = x, sC = x, sD = x, sE = x, sF = x;
        for (int i = 0; i < Steps; i++)
        {
            s0 = Fma512(s0, x);
            s1 = Fma512(s1, x);
            s2 = Fma512(s2, x);
            s3 = Fma512(s3, x);
            s4 = Fma512(s4, x);
            s5 = Fma512(s5, x);
            s6 = Fma512(s6, x);
            s7 = Fma512(s7, x);
            s8 = Fma512(s8, x);
            s9 = Fma512(s9, x);
            sA = Fma512(sA, x);
            sB = Fma512(sB, x);
            sC = Fma512(sC, x);
            sD = Fma512(sD, x);
            sE = Fma512(sE, x);
            sF = Fma512(sF, x);
        }

        Keep(Vector512.Sum((s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + sA + sB + sC + sD + sE + sF).AsSingle()));
    }

    private static void Chains256<T>()
    {
        Vector256<T> x = Vector256<T>.Zero;
        Vector256<T> s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x;
        for (int i = 0; i < 2 * Steps; i++)
        {
            s0 = Fma256(s0, x);
            s1 = Fma256(s1, x);
            s2 = Fma256(s2, x);
            s3 = Fma256(s3, x);
            s4 = Fma256(s4, x);
            s5 = Fma256(s5, x);
            s6 = Fma256(s6, x);
            s7 = Fma256(s7, x);
        }

        Keep(Vector256.Sum((s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7).AsSingle()));
    }

    private static void ChainsScalar<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T x = T.Zero;
        T s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x;
        for (int i = 0; i < 2 * Steps; i++)
        {
            s0 = s0 * x + x;
            s1 = s1 * x + x;
            s2 = s2 * x + x;
            s3 = s3 * x + x;
            s4 = s4 * x + x;
            s5 = s5 * x + x;
            s6 = s6 * x + x;
            s7 = s7 * x + x;
        }

        Keep(float.CreateTruncating(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Fma512<T>(Vector512<T> sum, Vector512<T> x) => typeof(T) == typeof(float)
        ? Avx512F.FusedMultiplyAdd(sum.AsSingle(), x.AsSingle(), x.AsSingle()).As<float, T>()
        : Avx512F.FusedMultiplyAdd(sum.AsDouble(), x.AsDouble(), x.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Fma256<T>(Vector256<T> sum, Vector256<T> x) => typeof(T) == typeof(float)
        ? Fma.MultiplyAdd(sum.AsSingle(), x.AsSingle(), x.AsSingle()).As<float, T>()
        : Fma.MultiplyAdd(sum.AsDouble(), x.AsDouble(), x.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(float value) => GC.KeepAlive(value == 0 ? null : string.Empty);
}
