using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>The limits of the machine: multiply-adds per second and the bandwidth of reading memory.</summary>
internal static class PeakSection
{
    public static void Run()
    {
        Report.Info("Limits of the machine");
        using Matrix<float> memory = RandomMatrix.Create<float>(8192, 8192);
        foreach (int threads in new[] { 1, 2 })
        {
            using var team = new ThreadTeam(threads);
            Action<int> single = _ => MachinePeak.MultiplyAdds<float>();
            Action<int> real = _ => MachinePeak.MultiplyAdds<double>();
            double[] seconds = Timing.Medians(threads, 9, () => team.Run(single), () => team.Run(real), () => MachinePeak.Read(team, memory));
            Report.Info(
                $"  {threads} thread(s): {threads * MachinePeak.Operations<float>() / seconds[0] / 1e9:F0} GFLOP/s single, "
                + $"{threads * MachinePeak.Operations<double>() / seconds[1] / 1e9:F0} double, "
                + $"reading {memory.Length * sizeof(float) / seconds[2] / 1e9:F1} GB/s");
        }

        Report.Info(string.Empty);
    }
}
