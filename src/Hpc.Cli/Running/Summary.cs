using System.Globalization;
using Hpc.Cli.Theory;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>What a run prints at its end: time scales per class and where everything is.</summary>
public static class Summary
{
    public static void Print(ResultGroup merged, OutputFolder folder)
    {
        if (merged.Datasets.Any(d => d.Name == "generalization_time_mean"))
        {
            PrintTimeScales(merged);
        }

        PrintComparison(merged);
        Console.WriteLine($"results  {folder.MergedFile}");
        Console.WriteLine($"figures  {folder.Figures}");
        Console.WriteLine($"report   {folder.Report}");
    }

    private static void PrintComparison(ResultGroup merged)
    {
        if (merged.Attributes.TryGetValue(Comparison.QuantityAttribute, out object? value) && value is string[] quantities)
        {
            Comparison.Print([.. quantities.Select((quantity, i) => new ComparisonRow(
                quantity, merged["comparison_theory"].Doubles[i], merged["comparison_simulation"].Doubles[i], merged["comparison_stderr"].Doubles[i]))]);
        }

        foreach ((string name, ResultGroup point) in merged.Groups)
        {
            Console.WriteLine(name);
            PrintComparison(point);
        }
    }

    private static void PrintTimeScales(ResultGroup merged)
    {
        Console.WriteLine("class  τ_gen                  τ_mem                  (rescaled training time s, mean ± standard error over seeds)");
        for (int c = 0; c < merged["class"].Shape[0]; c++)
        {
            Console.WriteLine($"{c + 1,-5}  {Value("generalization_time", c),-21}  {Value("memorization_time", c)}");
        }

        string Value(string name, int c)
        {
            double mean = merged[name + "_mean"].Doubles[c], error = merged[name + "_stderr"].Doubles[c];
            return double.IsNaN(mean) ? "not reached"
                : double.IsNaN(error) ? mean.ToString("G4", CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{mean:G4} ± {error:G2}");
        }
    }
}
