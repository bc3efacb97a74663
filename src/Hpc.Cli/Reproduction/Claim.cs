using System.Globalization;

namespace Hpc.Cli.Reproduction;

/// <summary>What a figure shows, in numbers, and whether it is so.</summary>
/// <param name="Text">The claim.</param>
/// <param name="Theory">What the theory, or the claim itself, says.</param>
/// <param name="Simulation">What was measured.</param>
/// <param name="Holds">The verdict.</param>
public sealed record Claim(string Text, string Theory, string Simulation, bool Holds)
{
    public string Verdict => Holds ? "holds" : "does not hold";

    /// <summary>A measured value that lies within a bound of what is expected.</summary>
    public static Claim Near(string text, double expected, double measured, double bound) =>
        new(text, Number(expected), $"{Number(measured)} (allowed ± {Number(bound)})", Math.Abs(measured - expected) <= bound);

    public static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
