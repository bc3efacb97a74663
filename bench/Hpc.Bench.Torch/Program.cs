using System.Globalization;
using Hpc.Bench;
using Hpc.Bench.Torch;
using Hpc.Ddpm.Torch;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
NativeTorch.Load();
Report.Info($"libtorch {torch.__version__} through TorchSharp; load {File.ReadAllText("/proc/loadavg").Trim()}");
foreach (int threads in new[] { 1, 2 })
{
    torch.set_num_threads(threads);
    using var torchEpoch = new TorchEpoch();
    using var workload = new EpochWorkload(threads);
    double[] seconds = Timing.Medians(threads, 11, workload.Run, torchEpoch.RunAutomatic, torchEpoch.RunFormula);
    string name = $"fresh-noise epoch, {threads} thread(s)";
    Report.Ratio(
        name, $"{1e3 * seconds[0]:F0} against {1e3 * seconds[1]:F0} ms", "automatic diff.", seconds[1] / seconds[0],
        Report.Better.AtLeast, 8);
    Report.Ratio(
        name, $"{1e3 * seconds[0]:F0} against {1e3 * seconds[2]:F0} ms", "by the formula", seconds[2] / seconds[0],
        Report.Better.AtLeast, 8);
}
