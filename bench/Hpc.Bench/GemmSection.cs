using System.Numerics;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>Square products against the multiply-add peak of the same run and against OpenBLAS.</summary>
internal static unsafe class GemmSection
{
    private const int N = 2048;

    public static void Run(OpenBlas? blas)
    {
        Report.Info($"Matrix product, {N}³");
        double oneSingle = Measure<float>(blas, 1, 0.85, (a, b, c) => blas!.Multiply(N, a.Pointer, b.Pointer, c.Pointer));
        double twoSingle = Measure<float>(blas, 2, 0.85, (a, b, c) => blas!.Multiply(N, a.Pointer, b.Pointer, c.Pointer));
        double oneDouble = Measure<double>(blas, 1, 0.80, (a, b, c) => blas!.Multiply(N, a.Pointer, b.Pointer, c.Pointer));
        double twoDouble = Measure<double>(blas, 2, 0.80, (a, b, c) => blas!.Multiply(N, a.Pointer, b.Pointer, c.Pointer));
        Report.Ratio("single, two threads against one", string.Empty, "speed-up", oneSingle / twoSingle, Report.Better.AtLeast, 1.9);
        Report.Ratio("double, two threads against one", string.Empty, "speed-up", oneDouble / twoDouble, Report.Better.AtLeast, 1.9);
        Report.Info(string.Empty);
    }

    private static double Measure<T>(OpenBlas? blas, int threads, double target, Action<Matrix<T>, Matrix<T>, Matrix<T>> peer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var team = new ThreadTeam(threads);
        using Matrix<T> a = RandomMatrix.Create<T>(N, N);
        using Matrix<T> b = RandomMatrix.Create<T>(N, N);
        using Matrix<T> c = new(N, N);
        blas?.SetThreads(threads);
        Action<int> multiplyAdds = _ => MachinePeak.MultiplyAdds<T>();
        var contenders = new List<Action>
        {
            () => team.Run(multiplyAdds),
            () => Gemm.Multiply(team, T.One, a.View, b.View, T.Zero, c.View),
        };
        if (blas is not null)
        {
            contenders.Add(() => peer(a, b, c));
        }

        double[] seconds = Timing.Medians(threads, typeof(T) == typeof(float) ? 15 : 9, [.. contenders]);
        double peak = threads * MachinePeak.Operations<T>() / seconds[0] / 1e9;
        double speed = 2.0 * N * N * N / seconds[1] / 1e9;
        string name = $"{(typeof(T) == typeof(float) ? "single" : "double")}, {threads} thread(s)";
        Report.Ratio(name, $"{speed:F0} of {peak:F0} GFLOP/s", "of the peak", speed / peak, Report.Better.AtLeast, target);
        if (blas is not null)
        {
            Report.Ratio(
                name, $"OpenBLAS {2.0 * N * N * N / seconds[2] / 1e9:F0} GFLOP/s", "of OpenBLAS", seconds[2] / seconds[1],
                Report.Better.AtLeast, 0.95);
        }

        return seconds[1];
    }
}
