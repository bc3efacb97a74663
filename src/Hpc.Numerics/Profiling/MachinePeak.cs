using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Profiling;

/// <summary>What the machine can do at most: multiply-adds that wait for nothing, and reading of memory.</summary>
public static unsafe class MachinePeak
{
    private const int Steps = 2_000_000;

    /// <summary>
    /// Multiply-adds of a chain, and bytes that a thread reads, in one burst of <see cref="Measure"/>: some 0.2 ms, far less than the time
    /// slice after which a scheduler gives the core to another program.
    /// </summary>
    private const int BurstSteps = 100_000, BurstBytes = 1 << 22;

    /// <summary>Rows and columns of the single-precision matrix that <see cref="Measure"/> reads: 256 MB, beyond the caches.</summary>
    private const int MemorySide = 8192;

    /// <summary>How long <see cref="Measure"/> goes on without a burst that is faster by 1 %.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.4);

    /// <summary>
    /// Measures what all threads of the team reach together, for each limit the fastest of many bursts: a limit is what the machine does
    /// undisturbed. Some two seconds, longer on a busy machine.
    /// </summary>
    public static MachineLimits Measure(ThreadTeam team)
    {
        using var memory = new Matrix<float>(MemorySide, MemorySide);

        // Pages that nobody has written are all one page of zeros.
        memory.Span.Fill(1);
        Action<int> single = _ => MultiplyAdds<float>(BurstSteps), real = _ => MultiplyAdds<double>(BurstSteps);
        long first = 0, burst = Math.Min(memory.Length, (long)team.Count * BurstBytes / sizeof(float));
        return new MachineLimits(
            team.Count * Operations<float>(BurstSteps) / LeastSeconds(() => team.Run(single)),
            team.Count * Operations<double>(BurstSteps) / LeastSeconds(() => team.Run(real)),
            burst * sizeof(float) / LeastSeconds(() =>
            {
                Read(team, memory.Pointer + first, burst);
                first = first + 2 * burst <= memory.Length ? first + burst : 0;
            }));
    }

    /// <summary>Floating-point operations of one call of <see cref="MultiplyAdds{T}()"/> on one thread.</summary>
    public static double Operations<T>() => Operations<T>(Steps);

    /// <summary>Sixteen independent chains of multiply-adds in registers: four cycles of latency times two units need eight.</summary>
    public static void MultiplyAdds<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => MultiplyAdds<T>(Steps);

    /// <summary>Reads the matrix once, shared among the threads of the team.</summary>
    public static void Read(ThreadTeam team, Matrix<float> matrix) => Read(team, matrix.Pointer, matrix.Length);

    private static double Operations<T>(int steps) => 2.0 * 16 * steps * Lanes<T>();

    private static void MultiplyAdds<T>(int steps)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (SimdSupport.Widest)
        {
            case SimdWidth.Vector512:
                Chains512<T>(steps);
                break;
            case SimdWidth.Vector256:
                Chains256<T>(steps);
                break;
            default:
                ChainsScalar<T>(steps);
                break;
        }
    }

    private static void Read(ThreadTeam team, float* memory, long length)
        => team.Run(thread =>
        {
            long from = length * thread / team.Count / 64 * 64;
            long to = length * (thread + 1) / team.Count / 64 * 64;
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (float* p = memory + from; p < memory + to; p += 64)
            {
                s0 += Vector512.Load(p);
                s1 += Vector512.Load(p + 16);
                s2 += Vector512.Load(p + 32);
                s3 += Vector512.Load(p + 48);
            }

            Keep(Vector512.Sum(s0 + s1 + s2 + s3));
        });

    private static double LeastSeconds(Action burst)
    {
        // Once for the compiler.
        burst();
        double least = double.MaxValue;
        long improved = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(improved) < Patience)
        {
            long start = Stopwatch.GetTimestamp();
            burst();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds < 0.99 * least)
            {
                improved = Stopwatch.GetTimestamp();
            }

            least = Math.Min(least, seconds);
        }

        return least;
    }

    private static int Lanes<T>() => SimdSupport.Widest switch
    {
        SimdWidth.Vector512 => 64 / Unsafe.SizeOf<T>(),
        SimdWidth.Vector256 => 32 / Unsafe.SizeOf<T>(),
        _ => 1,
    };

    private static void Chains512<T>(int steps)
    {
        Vector512<T> x = Vector512<T>.Zero;
        Vector512<T> s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x;
        Vector512<T> s8 = x, s9 = x, sA = x, sB = x, sC = x, sD = x, sE = x, sF = x;
        for (int i = 0; i < steps; i++)
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

    private static void Chains256<T>(int steps)
    {
        Vector256<T> x = Vector256<T>.Zero;
        Vector256<T> s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x;
        for (int i = 0; i < 2 * steps; i++)
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

    private static void ChainsScalar<T>(int steps)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T x = T.Zero;
        T s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x;
        for (int i = 0; i < 2 * steps; i++)
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
