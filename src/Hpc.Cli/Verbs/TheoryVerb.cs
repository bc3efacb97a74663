using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hpc.Cli.Figures;
using Hpc.Cli.Theory;
using Hpc.Diffusion.Spec;
using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc theory</c>: the high-dimensional limit of what <c>hpc run</c> simulates.</summary>
public static class TheoryVerb
{
    public const string TimeOption = "training-time";

    public const char Separator = ';';

    /// <summary>
    /// The command line parser has no long names of one letter, and lets an option that may be repeated take all that follows it: the
    /// values of <c>--at</c> and <c>--s</c> are gathered at the end.
    /// </summary>
    public static string[] GatherRepeatedOptions(string[] arguments)
    {
        var rest = new List<string>();
        var gathered = new Dictionary<string, List<string>> { ["--at"] = [], ["--s"] = [] };
        for (int i = 0; i < arguments.Length; i++)
        {
            string[] parts = arguments[i].Split('=', 2);
            if (!gathered.TryGetValue(parts[0], out List<string>? values))
            {
                rest.Add(arguments[i]);
            }
            else if (parts.Length == 2)
            {
                values.Add(parts[1]);
            }
            else
            {
                values.Add(i + 1 < arguments.Length ? arguments[++i] : "");
            }
        }

        foreach ((string name, List<string> values) in gathered.Where(g => g.Value.Count > 0))
        {
            rest.Add($"{(name == "--s" ? "--" + TimeOption : name)}={string.Join(Separator, values)}");
        }

        return [.. rest];
    }

    public static int Execute(TheoryOptions options)
    {
        ExperimentSpec spec = SpecReader.ReadFile(options.Spec, options.Overrides);
        Complex[] arguments = [.. options.At.Select(ParseComplex)];
        double[] times = [.. options.S.Select(ParseTime)];
        try
        {
            Print(spec, options, arguments, times);
            return ExitCode.Done;
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
        catch (TheoryConvergenceException e)
        {
            Console.Error.WriteLine($"hpc: {e.Message}");
            return ExitCode.TaskFailed;
        }
    }

    private static void Print(ExperimentSpec spec, TheoryOptions options, Complex[] arguments, double[] times)
    {
        IReadOnlyList<SweepPoint> points = SweepPoint.Expand(spec);
        var results = new List<(SweepPoint Point, TheoryResult Theory, ResolventSolution[] Resolvents)>();
        foreach (SweepPoint point in points)
        {
            TheoryResult theory = TheoryResult.Compute(point.Spec, times.Length > 0 ? times : null);
            results.Add((point, theory, [.. arguments.Select(theory.Equations.Solve)]));
        }

        if (options.Json is { } target)
        {
            JsonObject json = spec.Sweep.Count == 0
                ? TheoryJson.Write(results[0].Theory, results[0].Resolvents)
                : new JsonObject { ["points"] = new JsonArray([.. results.Select(r => WithValues(r.Point, TheoryJson.Write(r.Theory, r.Resolvents)))]) };
            WriteJson(json, target);
        }

        if (options.Json != "-")
        {
            foreach ((SweepPoint point, TheoryResult theory, ResolventSolution[] resolvents) in results)
            {
                if (point.Values.Count > 0)
                {
                    Console.WriteLine(point.Description);
                }

                PrintTables(point.Spec, theory, resolvents);
                if (options.Sensitivity)
                {
                    PrintSensitivity(point.Spec);
                }

                DrawFigures(point, theory, options.Out ?? Path.Combine("runs", "out", spec.Name + "-theory"));
            }
        }
    }

    private static JsonObject WithValues(SweepPoint point, JsonObject json)
    {
        json["values"] = new JsonArray([.. point.Values.Select(v => v.Value.DeepClone())]);
        return json;
    }

    private static void WriteJson(JsonObject json, string target)
    {
        string text = json.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
        if (target == "-")
        {
            Console.WriteLine(text);
            return;
        }

        try
        {
            File.WriteAllText(target, text + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{target}': {e.Message}");
        }
    }

    private static void PrintTables(ExperimentSpec spec, TheoryResult theory, ResolventSolution[] resolvents)
    {
        foreach (ResolventSolution r in resolvents)
        {
            Console.WriteLine(Line($"z = {Text(r.Z)}   g = {Text(r.Trace)}   f = {Text(r.FeatureNoise)}"));
        }

        if (theory.Density is { } density)
        {
            Console.WriteLine("bulk  from          to            mass      mean          kind");
            for (int b = 0; b < density.Bulks.Count; b++)
            {
                Bulk bulk = density.Bulks[b];
                string kind = bulk.Kind switch
                {
                    BulkKind.NoiseFloor => "noise floor",
                    BulkKind.Memorization => $"memorization, mostly of class {bulk.Class + 1}",
                    _ => "generalization",
                };
                Console.WriteLine(Line($"{b + 1,-4}  {bulk.From,-12:G6}  {bulk.To,-12:G6}  {bulk.Mass,-8:F5}  {bulk.Mean,-12:G6}  {kind}"));
            }

            for (int c = 0; c < density.MemorizationEigenvalues.Count; c++)
            {
                Console.WriteLine(Line($"λ_mem of class {c + 1}: {density.MemorizationEigenvalues[c]:G5}, time scale {1 / density.MemorizationEigenvalues[c]:G4}"));
            }

            Console.WriteLine(Line($"λ_gen: {density.GeneralizationEigenvalue:G5}, time scale {1 / density.GeneralizationEigenvalue:G4}"));
        }

        if (theory.Losses is { } losses && theory.TimeScales is null)
        {
            Console.WriteLine("s             class  train     test");
            for (int i = 0; i < losses.S.Count; i++)
            {
                for (int c = 0; c < losses.Train.Count; c++)
                {
                    Console.WriteLine(Line($"{losses.S[i],-12:G6}  {c + 1,-5}  {losses.Train[c][i],-8:F5}  {losses.Test[c][i]:F5}"));
                }
            }
        }

        if (theory.TimeScales is { } scales)
        {
            Console.WriteLine("class  τ_gen       τ_mem       (rescaled training time s)");
            for (int c = 0; c < scales.Count; c++)
            {
                Console.WriteLine($"{c + 1,-5}  {Time(scales[c].Generalization),-10}  {Time(scales[c].Memorization)}");
            }
        }

        if (theory.Outliers is { } outliers)
        {
            Console.WriteLine("t         t/log N   outliers              RMS per class");
            foreach (Outliers o in outliers)
            {
                Console.WriteLine(Line($"{o.DiffusionTime,-8:G5}  {o.DiffusionTime / Math.Log(spec.Model.Dimension),-8:F4}  {string.Join("  ", o.Eigenvalues.Select(v => v.ToString("G4", CultureInfo.InvariantCulture))),-20}  {string.Join("  ", o.Rms.Select(v => v.ToString("F4", CultureInfo.InvariantCulture)))}"));
            }

            SpeciationSpec speciation = spec.Speciation!;
            double scale = Math.Log(spec.Model.Dimension);
            foreach ((int c, double transition) in theory.SpeciationTimes!.Index())
            {
                Console.WriteLine(double.IsNaN(transition)
                    ? $"speciation of class {c + 1}: not between t/log N = {speciation.From} and {speciation.To}"
                    : Line($"speciation of class {c + 1}: t = {transition:G5}, t/log N = {transition / scale:F4} (RMS 0.5)"));
            }
        }
    }

    private static void PrintSensitivity(ExperimentSpec spec)
    {
        Console.WriteLine("sensitivity: derivatives of log τ in each property of the mixture, per class");
        foreach (string[] row in SensitivityTable.Rows(spec).Prepend([.. SensitivityTable.Header]))
        {
            Console.WriteLine($"{row[0],-34} {row[1],-24} {row[2],-24} {row[3]}");
        }
    }

    private static void DrawFigures(SweepPoint point, TheoryResult theory, string folder)
    {
        IReadOnlyList<Dataset> datasets = TheoryDatasets.Create(theory);
        if (datasets.Count == 0)
        {
            return;
        }

        string target = point.Values.Count == 0 ? folder : Path.Combine(folder, $"point_{point.Index:D4}");
        foreach (Figure figure in FigureSet.Draw(new ResultView(datasets.ToDictionary(d => d.Name), SpecWriter.Write(point.Spec), []), target))
        {
            Console.WriteLine($"figure  {Path.Combine(target, figure.Name)}.png");
        }
    }

    private static Complex ParseComplex(string text)
    {
        string[] parts = text.Split(',');
        return parts.Length is 1 or 2 && parts.All(p => double.TryParse(p, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) && double.IsFinite(v))
            ? new Complex(double.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length == 2 ? double.Parse(parts[1], CultureInfo.InvariantCulture) : 0)
            : throw new UsageException($"--at is '{text}'; write RE,IM, for example --at=-0.1,0 or --at=1,0.5");
    }

    private static double ParseTime(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value)
            ? value
            : throw new UsageException($"--s is '{text}'; allowed is a training time, 0 or more, for example --s=100");

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Text(Complex z) => Line($"{z.Real:G7}{(z.Imaginary < 0 ? "-" : "+")}{Math.Abs(z.Imaginary):G7}i");

    private static string Time(double value) => double.IsNaN(value) ? "not reached" : value.ToString("G5", CultureInfo.InvariantCulture);
}
