using System.Diagnostics;
using System.Reflection;

namespace Hpc.Bench;

/// <summary>The program as its users start it: time to the first line of progress, and one seed of the paper's figure 2.</summary>
internal static class ProgramSection
{
    private const double LargestStartUp = 1;
    private const double LargestMinutes = 4;
    private const double LargestGigabytes = 3;

    internal static readonly string Program =
        typeof(ProgramSection).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Program").Value!;

    private static readonly string Runs = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Program)!, "../../../../../../runs"));

    public static void StartUp()
    {
        Report.Info("Start-up");
        double[] seconds = new double[5];
        for (int i = 0; i < seconds.Length; i++)
        {
            string folder = Directory.CreateTempSubdirectory("hpc-bench-").FullName;
            var clock = Stopwatch.StartNew();
            using Process process = Start("run", Path.Combine(Runs, "quick.json"), "--out", folder);
            process.StandardError.ReadLine();
            process.StandardError.ReadLine();
            seconds[i] = clock.Elapsed.TotalSeconds;
            process.Kill();
            process.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }

        Array.Sort(seconds);
        double median = seconds[seconds.Length / 2];
        Report.Ratio("first line of progress", $"{1e3 * median:F0} of {1e3 * LargestStartUp:F0} ms", "of the limit", median / LargestStartUp, Report.Better.AtMost, 1);
        Report.Info(string.Empty);
    }

    public static void PaperSize()
    {
        Report.Info("One seed of fig2.json: N = 100, P = 6000, M = 3000, all records");
        string folder = Directory.CreateTempSubdirectory("hpc-bench-").FullName;
        var clock = Stopwatch.StartNew();
        using Process process = Start("run", Path.Combine(Runs, "fig2.json"), "seeds.count=1", "--out", folder, "--threads", "2");
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        long peak = 0;
        while (!process.WaitForExit(100))
        {
            process.Refresh();
            peak = Math.Max(peak, process.HasExited ? 0 : process.PeakWorkingSet64);
        }

        double minutes = clock.Elapsed.TotalMinutes;
        Directory.Delete(folder, recursive: true);
        if (process.ExitCode != 0)
        {
            Report.Info($"  failed with exit code {process.ExitCode}");
            return;
        }

        Report.Ratio("2 threads", $"{minutes:F2} of {LargestMinutes:F0} min", "of the limit", minutes / LargestMinutes, Report.Better.AtMost, 1);
        Report.Ratio("peak memory", $"{1e-9 * peak:F2} of {LargestGigabytes:F0} GB", "of the limit", 1e-9 * peak / LargestGigabytes, Report.Better.AtMost, 1);
        Report.Info(string.Empty);
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Program);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
