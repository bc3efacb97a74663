using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>The fresh-noise epoch against the time that its three products take at the multiply-add peak.</summary>
internal static class EpochSection
{
    public static void Run()
    {
        Report.Info(
            $"Fresh-noise epoch, N = {EpochWorkload.Dimension}, P = {EpochWorkload.Features}, M = {EpochWorkload.Samples}, tanh, single");
        var times = new double[3];
        foreach (int threads in new[] { 1, 2 })
        {
            using var team = new ThreadTeam(threads);
            using var workload = new EpochWorkload(threads);
            Action<int> multiplyAdds = _ => MachinePeak.MultiplyAdds<float>();
            double[] seconds = Timing.Medians(threads, 21, () => team.Run(multiplyAdds), workload.Run);
            double floor = EpochWorkload.Operations / (threads * MachinePeak.Operations<float>() / seconds[0]);
            times[threads] = seconds[1];
            Report.Ratio(
                $"{threads} thread(s)", $"{1e3 * seconds[1]:F1} ms, floor {1e3 * floor:F1} ms", "floor of measured", floor / seconds[1],
                Report.Better.AtLeast, 0.70);
        }

        Report.Ratio("two threads against one", string.Empty, "speed-up", times[1] / times[2], Report.Better.AtLeast, 1.9);
        Report.Info(string.Empty);
    }
}
