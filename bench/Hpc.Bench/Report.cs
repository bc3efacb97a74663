using System.Globalization;

namespace Hpc.Bench;

/// <summary>Prints a measurement beside its target.</summary>
internal static class Report
{
    /// <summary>How a measured ratio is judged.</summary>
    public enum Better
    {
        AtLeast,
        AtMost,
    }

    public static void Info(string text) => Console.WriteLine(text);

    /// <summary>One line: what was measured, the ratio, its target, and whether it is met.</summary>
    public static void Ratio(string what, string measured, string ratioName, double ratio, Better better, double target)
    {
        bool met = better == Better.AtLeast ? ratio >= target : ratio <= target;
        string comparison = better == Better.AtLeast ? "≥" : "≤";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {what,-34} {measured,-26} {ratioName,-18} {ratio,6:F3}  target {comparison} {target:F2}  {(met ? "met" : "MISSED")}"));
    }
}
