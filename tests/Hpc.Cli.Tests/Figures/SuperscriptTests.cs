using Hpc.Cli.Figures;

namespace Hpc.Cli.Tests.Figures;

public class SuperscriptTests
{
    [Theory]
    [InlineData(0, 3, "0")]
    [InlineData(1, 3, "1.00")]
    [InlineData(-0.5, 1, "−0.5")]
    [InlineData(0.01234, 2, "0.012")]
    [InlineData(0.001234, 2, "1.2×10⁻³")]
    [InlineData(99960, 3, "1.00×10⁵")]
    [InlineData(99940, 3, "99940")]
    [InlineData(-6.02e23, 3, "−6.02×10²³")]
    [InlineData(double.NaN, 3, "—")]
    [InlineData(double.PositiveInfinity, 3, "∞")]
    public void WritesNumbers(double value, int digits, string expected) => Assert.Equal(expected, Superscript.Number(value, digits));

    [Theory]
    [InlineData(12.3456, 0.123, "12.35 ± 0.12")]
    [InlineData(152.25, 7.7, "152.2 ± 7.7")]
    [InlineData(1234567, 12345, "(1.235 ± 0.012)×10⁶")]
    [InlineData(0.00123, 0.00045, "(1.23 ± 0.45)×10⁻³")]
    [InlineData(5000, 300, "5000 ± 300")]
    [InlineData(3, double.NaN, "3.00")]
    [InlineData(double.NaN, 1, "—")]
    public void WritesErrorsToTwoDigits(double value, double error, string expected) =>
        Assert.Equal(expected, Superscript.WithError(value, error));
}
