using System.Diagnostics;
using System.Globalization;

namespace Hpc.Bench;

/// <summary>Measurements in Python, of NumPy and SciPy with the threads that a contender has.</summary>
internal static class PythonPeer
{
    /// <summary>Longest time that a script may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Runs a script that prints numbers. Empty if it did not end in time; null, and a line that says why, where it cannot be run.
    /// </summary>
    /// <param name="threads">Threads of OpenBLAS.</param>
    /// <param name="arguments">What the script finds in sys.argv.</param>
    public static double[]? Run(string script, int threads, params string[] arguments)
    {
        string reason = "there is no python3";
        foreach (string program in (string[])["python3", "/usr/bin/python3"])
        {
            var start = new ProcessStartInfo(program, ["-c", script, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };

            // They would choose an older kernel than the processor can run.
            start.Environment.Remove("OPENBLAS_CORETYPE");
            start.Environment.Remove("OPENBLAS_L2_SIZE");
            foreach (string name in (string[])["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"])
            {
                start.Environment[name] = threads.ToString(CultureInfo.InvariantCulture);
            }

            try
            {
                using Process process = Process.Start(start)!;
                Task<string> errors = process.StandardError.ReadToEndAsync();
                Task<string> output = process.StandardOutput.ReadToEndAsync();
                if (!process.WaitForExit(Limit))
                {
                    process.Kill();
                    return [];
                }

                if (process.ExitCode == 0)
                {
                    return [.. output.Result.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(double.Parse)];
                }

                reason = errors.Result.Trim().Split('\n')[^1];
            }
            catch (System.ComponentModel.Win32Exception)
            {
            }
        }

        Report.Info($"  the peer in Python is skipped: {reason}");
        return null;
    }
}
