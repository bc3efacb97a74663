using System.Diagnostics;
using System.Globalization;
using Hpc.Cli.Figures;
using Hpc.Cli.Planning;
using Hpc.Cli.Report;
using Hpc.Cli.Reproduction;
using Hpc.Cli.Running;
using Hpc.Cli.Theory;
using Hpc.Cluster;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Threading;
using Hpc.Results;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc reproduce</c>: every figure of the paper, its claims in numbers, and one page with all of them.</summary>
public static class ReproduceVerb
{
    public static int Execute(ReproduceOptions options, StopRequest stop)
    {
        if (options.Quick == options.Paper)
        {
            throw new UsageException("give one of --quick (small sizes, minutes on two cores) and --paper (the sizes of the paper, a plan first)");
        }

        string specs = options.Paper ? options.Runs : Path.Combine(options.Runs, "quick");
        IReadOnlyList<Experiment> chosen = Choose([.. options.Only]);
        foreach (Experiment experiment in chosen)
        {
            if (!File.Exists(SpecOf(experiment)))
            {
                throw new UsageException($"'{SpecOf(experiment)}' is missing: run in the folder of the project, or name its folder of specs with --runs");
            }
        }

        string target = options.Out ?? Path.Combine("runs", "out", options.Paper ? "paper" : "reproduce");
        if (options.Paper && !options.Run)
        {
            Plan(chosen, SpecOf, target, options.Threads);
            return ExitCode.Done;
        }

        var watch = Stopwatch.StartNew();
        var results = new List<(Experiment Experiment, IReadOnlyList<Claim> Claims, IReadOnlyList<Figure> Figures)>();
        foreach (Experiment experiment in chosen)
        {
            int code = RunVerb.Execute(new RunOptions
            {
                Spec = SpecOf(experiment),
                Overrides = options.Overrides,
                Out = Path.Combine(target, experiment.Name),
                Device = options.Device,
                Threads = options.Threads,
                Precision = "",
                Eigensolver = "auto",
            }, stop);
            if (code != ExitCode.Done)
            {
                return code;
            }

            OutputFolder folder = OutputFolder.Open(Path.Combine(target, experiment.Name));
            ResultGroup merged = folder.ReadMerged();
            results.Add((experiment, [.. experiment.Claims(merged)], Again(experiment, merged, folder)));
        }

        string report = Report(results, target, options.Paper);
        Print(results);
        int broken = results.Sum(r => r.Claims.Count(c => !c.Holds));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{results.Sum(r => r.Claims.Count) - broken} of {results.Sum(r => r.Claims.Count)} claims hold; {Times.Of(watch.Elapsed.TotalSeconds)}"));
        Console.WriteLine($"report   {report}");
        return broken == 0 ? ExitCode.Done : ExitCode.TaskFailed;

        string SpecOf(Experiment experiment) => Path.Combine(specs, experiment.Name + ".json");
    }

    private static IReadOnlyList<Experiment> Choose(IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(n => Experiment.All.All(e => e.Name != n)) is { } unknown)
        {
            throw new UsageException($"--only is '{unknown}'; allowed are {string.Join(", ", Experiment.All.Select(e => e.Name))}");
        }

        return names.Count == 0 ? Experiment.All : [.. Experiment.All.Where(e => names.Contains(e.Name))];
    }

    /// <summary>The figures that the experiment is about, drawn again for the common page.</summary>
    private static IReadOnlyList<Figure> Again(Experiment experiment, ResultGroup merged, OutputFolder folder)
    {
        IReadOnlyList<Figure> found = merged.Groups.Count == 0
            ? FigureSet.Draw(Finishing.View(merged, merged), folder.Figures, experiment.Figures) : FigureSet.Draw(Finishing.Sweep(merged), folder.Figures, experiment.Figures);
        return [.. experiment.Figures.Select(name => found.FirstOrDefault(f => f.Name == name)).OfType<Figure>()];
    }

    private static string Report(IReadOnlyList<(Experiment Experiment, IReadOnlyList<Claim> Claims, IReadOnlyList<Figure> Figures)> results, string target, bool paper) =>
        HtmlReport.WriteCollection(
            "How diffusion models learn classes of unequal variance and weight",
            "A random-features score model on Gaussian mixtures, simulated and in its exact high-dimensional theory. "
                + (paper ? "Sizes of the paper." : "Small sizes: differences from the theory of order 1/N are seen, and allowed for in the claims."),
            [
                ("Claims", "", ["figure", "claim", "theory", "simulation", "verdict"],
                    from r in results from c in r.Claims select (string[])[r.Experiment.Name, c.Text, c.Theory, c.Simulation, c.Verdict]),
                .. results.Where(r => r.Experiment.Name == "fig3").Select(r => Sensitivities(r.Experiment, target)),
            ],
            results.Select(r => (r.Experiment.Name, r.Experiment.Text, r.Figures, $"{r.Experiment.Name}/report.html")), target);

    /// <summary>What each property of the mixture does to the time scales, where one class differs from the other in its variance alone.</summary>
    private static (string Title, string Note, IReadOnlyList<string> Header, IEnumerable<string[]> Rows) Sensitivities(Experiment experiment, string target)
    {
        SweepPoint point = SweepPoint.Expand(OutputFolder.Open(Path.Combine(target, experiment.Name)).Spec)[1];
        string classes = string.Join(", ", point.Spec.Model.Classes.Select((c, i) => string.Create(
            CultureInfo.InvariantCulture, $"class {i + 1}: weight {c.Weight}, σ² = {c.Variance}, ‖m‖²/N = {point.Spec.Model.CentroidGram[i][i]}")));
        return ("Sensitivity", $"Theory: derivatives of log τ, for each class, in one property of the mixture at a time, at the second point of {experiment.Name} ({classes}).",
            SensitivityTable.Header, SensitivityTable.Rows(point.Spec));
    }

    private static void Print(IReadOnlyList<(Experiment Experiment, IReadOnlyList<Claim> Claims, IReadOnlyList<Figure> Figures)> results)
    {
        foreach ((Experiment experiment, IReadOnlyList<Claim> claims, _) in results)
        {
            foreach (Claim claim in claims)
            {
                Console.WriteLine($"{experiment.Name,-20} {claim.Verdict,-14} {claim.Text}");
                Console.WriteLine($"{"",-35} theory {claim.Theory}, simulation {claim.Simulation}");
            }
        }
    }

    /// <summary>Time and memory of every experiment on this machine, and how to run them on a cluster.</summary>
    private static void Plan(IReadOnlyList<Experiment> chosen, Func<Experiment, string> specOf, string target, int givenThreads)
    {
        int threads = RunVerb.Threads(givenThreads, new SingleProcessCommunicator());
        ISymmetricEigensolver eigensolver = SymmetricEigensolvers.Find("auto");
        using var team = new ThreadTeam(threads);
        MachineRates rates = MachineRates.Measure(team, eigensolver);
        double available = AvailableMemory.Of(1), total = 0;
        var planner = new Planner(available, rates, single: false);
        Console.WriteLine($"{"figure",-20} {"tasks",6} {"method",-8} {"memory",10} {"one task",10} {"all tasks",10}");
        foreach (Experiment experiment in chosen)
        {
            ExperimentSpec spec = SpecReader.ReadFile(specOf(experiment), []);
            (ExperimentSpec settled, _) = planner.Resolve(spec);
            IReadOnlyList<ExperimentTask> tasks = ExperimentTask.Expand(settled, RunVerb.Precision(settled, ""));
            TaskPlan largest = planner.Of(Planner.Largest(settled));
            double seconds = planner.Seconds(tasks);
            total += seconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{experiment.Name,-20} {tasks.Count,6} {largest.Method.ToString().ToLowerInvariant(),-8} {largest.MemoryBytes / 1e9,7:F2} GB {Times.Of(largest.Seconds),10} {Times.Of(seconds),10}"));
        }

        Console.WriteLine($"{"total",-20} {"",6} {"",-8} {"",10} {"",10} {Times.Of(total),10}  with {threads} threads of this machine");
        Console.WriteLine();
        Console.WriteLine("on a cluster, for example with 4 nodes of 8 tasks each:");
        foreach (Experiment experiment in chosen)
        {
            Console.WriteLine($"  ./run-cluster.sh {specOf(experiment)} --out {target}/{experiment.Name} --nodes 4 --ntasks-per-node 8 --time 12:00:00 --requeue");
        }

        Console.WriteLine("then, or to run everything here: hpc reproduce --paper --run (tasks that are done are not run again)");
    }
}
