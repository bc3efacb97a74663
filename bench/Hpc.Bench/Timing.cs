using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hpc.Bench;

/// <summary>Times contenders against each other.</summary>
internal static class Timing
{
    /// <summary>
    /// Seconds of each contender, median of <paramref name="rounds"/> runs after one run to warm up. The contenders take turns, so that
    /// a change of the clock or of the load of the machine meets all of them.
    /// </summary>
    /// <param name="threads">
    /// Threads that the contenders use. With one, it is the processor time of the calling thread that counts, which other programs
    /// that share the machine do not lengthen; with more, the time that passes.
    /// </param>
    public static double[] Medians(int threads, int rounds, params Action[] contenders)
    {
        var seconds = new double[contenders.Length][];
        for (int i = 0; i < contenders.Length; i++)
        {
            contenders[i]();
            seconds[i] = new double[rounds];
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                if (threads > 1)
                {
                    // The threads of OpenBLAS and of libtorch go on spinning for some 30 ms on the cores that the next one needs, and the
                    // scheduler takes some milliseconds to give every thread that wakes a core of its own.
                    Thread.Sleep(60);
                    contenders[i]();
                }

                double start = Now(threads);
                contenders[i]();
                seconds[i][round] = Now(threads) - start;
            }
        }

        return Array.ConvertAll(seconds, s =>
        {
            Array.Sort(s);
            return s[rounds / 2];
        });
    }

    private static double Now(int threads)
    {
        const int ThreadProcessorTime = 3;
        if (threads == 1 && OperatingSystem.IsLinux() && ClockGetTime(ThreadProcessorTime, out TimeSpecification time) == 0)
        {
            return time.Seconds + 1e-9 * time.Nanoseconds;
        }

        return (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ClockGetTime(int clock, out TimeSpecification time);

    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
