using System.Diagnostics;
using System.Globalization;

namespace Hpc.Bench;

/// <summary>
/// Two ranks on this machine: seeds against two processes that know nothing of each other, sums from C# against C, one operator divided
/// against one rank, and the scheduler alone.
/// </summary>
internal static class ClusterSection
{
    private const string Launcher = "/usr/bin/mpirun.openmpi", Compiler = "/usr/bin/gcc";

    private const int Tasks = 10_000;

    private const int Seeds = 40, Turns = 3, ThreadSingle = 0, ThreadSerialized = 2;

    /// <summary>This program, also where dotnet was told to run it.</summary>
    private static readonly string[] Program =
        [Environment.ProcessPath!, .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ClusterSection).Assembly.Location] : (string[])[]];

    private const string Peer = """
        #include <stdio.h>
        #include <stdlib.h>
        /* What mpi.h of Open MPI 4 would declare, so that its headers need not be installed. */
        extern char ompi_mpi_comm_world, ompi_mpi_double, ompi_mpi_op_sum;
        int MPI_Init_thread(int *, char ***, int, int *), MPI_Finalize(void), MPI_Comm_rank(void *, int *), MPI_Barrier(void *);
        int MPI_Allreduce(const void *, void *, int, void *, void *, void *);
        double MPI_Wtime(void);
        #define MPI_COMM_WORLD ((void *)&ompi_mpi_comm_world)
        #define MPI_DOUBLE ((void *)&ompi_mpi_double)
        #define MPI_SUM ((void *)&ompi_mpi_op_sum)
        #define MPI_IN_PLACE ((void *)1)
        static int ascending(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }
        int main(int argc, char **argv) {
            int count = atoi(argv[1]), threads = atoi(argv[2]), rank, provided, calls = 20000000 / (count + 2000);
            if (calls < 20) calls = 20;
            MPI_Init_thread(&argc, &argv, threads, &provided);
            MPI_Comm_rank(MPI_COMM_WORLD, &rank);
            double *values = calloc(count, sizeof(double)), rounds[9];
            for (int round = -1; round < 9; round++) {
                MPI_Barrier(MPI_COMM_WORLD);
                double start = MPI_Wtime();
                for (int i = 0; i < calls; i++) MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
                rounds[round < 0 ? 0 : round] = (MPI_Wtime() - start) / calls;
            }
            qsort(rounds, 9, sizeof(double), ascending);
            if (rank == 0) printf("%.17g\n", rounds[4]);
            MPI_Finalize();
        }
        """;

    public static void Run()
    {
        Report.Info("Two ranks (Open MPI), one thread each");
        if (!File.Exists(Launcher))
        {
            Report.Info($"  skipped: {Launcher} is not installed");
            return;
        }

        Sums();
        foreach ((string storage, int vectors) in ((string, int)[])[("stored", 1), ("stored", 16), ("regenerated", 16)])
        {
            double one = double.MaxValue;
            double[] two = [double.MaxValue, double.MaxValue];
            for (int turn = 0; turn < Turns; turn++)
            {
                one = Math.Min(one, Rank(1, "operator", storage, $"{vectors}")[0]);
                two = [.. two.Zip(Rank(2, "operator", storage, $"{vectors}"), Math.Min)];
            }

            Report.Ratio(
                $"operator, {storage}, {vectors} vector{(vectors == 1 ? "" : "s")}", string.Create(CultureInfo.InvariantCulture, $"{1e3 * one:F1}, {1e3 * two[0]:F1} ms"), "times one rank", one / two[0],
                Report.Better.AtLeast, 1.8);
            Report.Ratio("  its sums beside the products of the next tile", string.Create(CultureInfo.InvariantCulture, $"{1e3 * two[1]:F1} ms"), "of that after its own", two[1] / two[0], Report.Better.AtLeast, 1);
        }

        double task = Rank(2, "scheduler", $"{Tasks}")[0];
        Report.Ratio("scheduler, 10⁴ tasks", string.Create(CultureInfo.InvariantCulture, $"{1e3 * task:F3} ms a task"), "of 5 ms", task / 5e-3, Report.Better.AtMost, 1);
        MeasureSeeds();
        Report.Info(string.Empty);
    }

    private static void Sums()
    {
        if (!File.Exists(Compiler))
        {
            Report.Info($"  sums against C skipped: {Compiler} is not installed");
            return;
        }

        string folder = Directory.CreateTempSubdirectory("hpc-bench-").FullName, source = Path.Combine(folder, "sums.c"), program = Path.Combine(folder, "sums");
        File.WriteAllText(source, Peer);
        Output(Compiler, ["-O2", "-o", program, source, "-l:libmpi.so.40"]);
        foreach (int count in (int[])[1, 1000, 1_000_000])
        {
            // Contenders take turns. A library that may be called from several threads locks, for C as for C#.
            double c = double.MaxValue, own = double.MaxValue, unlocked = double.MaxValue;
            for (int turn = 0; turn < Turns; turn++)
            {
                c = Math.Min(c, C(ThreadSerialized));
                own = Math.Min(own, Rank(2, "allreduce", $"{count}")[0]);
                unlocked = Math.Min(unlocked, C(ThreadSingle));
            }

            Report.Ratio(
                $"sum of {count} doubles", string.Create(CultureInfo.InvariantCulture, $"{1e6 * own:F2}, C {1e6 * c:F2} µs"), "times C", own / c, Report.Better.AtMost, 1.1);
            Report.Info(string.Create(CultureInfo.InvariantCulture, $"    C without threads {1e6 * unlocked:F2} µs"));

            double C(int threads) => double.Parse(Output(Launcher, [.. LauncherArguments(2), program, $"{count}", $"{threads}"]), CultureInfo.InvariantCulture);
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Whole runs, from start to exit, of the same seeds; each of the two processes has half of them.</summary>
    private static void MeasureSeeds()
    {
        string folder = Directory.CreateTempSubdirectory("hpc-bench-").FullName, spec = Path.Combine(folder, "spec.json");
        File.WriteAllText(spec, $$"""
            { "schema": 1, "name": "seeds", "model": { "dimension": 50, "features": 1000, "samples": 500, "classes": [ { "weight": 1, "variance": 0.5 } ] },
              "diffusionTime": 0.01, "seeds": { "first": 0, "count": {{Seeds}} },
              "descent": { "dynamics": "noise-averaged", "learningRate": 1e-4, "epochs": 100000, "records": 20, "testSamples": 1000 } }
            """);
        string[] Run(string name, params string[] options) =>
            [ProgramSection.Program, "run", spec, "--out", Path.Combine(folder, name), "--threads", "1", "--eigensolver", "managed", .. options];

        double ranks = double.MaxValue, processes = double.MaxValue;
        for (int turn = 0; turn < Turns; turn++)
        {
            var clock = Stopwatch.StartNew();
            Output(Launcher, [.. LauncherArguments(2), "dotnet", .. Run($"ranks{turn}")]);
            ranks = Math.Min(ranks, clock.Elapsed.TotalSeconds);
            clock.Restart();
            Parallel.For(0, 2, i => Output("dotnet", Run($"half{turn}-{i}", $"seeds.count={Seeds / 2}", $"seeds.first={Seeds / 2 * i}")));
            processes = Math.Min(processes, clock.Elapsed.TotalSeconds);
        }

        Report.Ratio(
            "seeds on 2 ranks", string.Create(CultureInfo.InvariantCulture, $"{ranks:F1}, apart {processes:F1} s"), "of two processes", processes / ranks, Report.Better.AtLeast, 0.95);
        Directory.Delete(folder, recursive: true);
    }

    private static string[] LauncherArguments(int ranks) => ["--oversubscribe", "--bind-to", "none", "-x", "TERM=dumb", "-n", $"{ranks}"];

    private static double[] Rank(int ranks, params string[] arguments) =>
        [.. Output(Launcher, [.. LauncherArguments(ranks), .. Program, "--rank", .. arguments]).Split().Where(word => word.Length > 0)
            .Select(word => double.Parse(word, CultureInfo.InvariantCulture))];

    private static string Output(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in ((string, string)[])
            [("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"), ("HWLOC_COMPONENTS", "-opencl,-gl")])
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode}: {error.Result}");
    }
}
