namespace Hpc.Cli.Figures;

/// <summary>Numbers as a reader writes them, with powers of ten as superscripts.</summary>
public static class Superscript
{
    private const string Digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>10 to <paramref name="exponent"/>, for example 10⁻³.</summary>
    public static string PowerOfTen(int exponent) => "10" + Of(exponent);

    /// <summary>
    /// <paramref name="value"/> to <paramref name="digits"/> significant digits: plain between 10⁻² and 10⁵, else as 1.2×10⁻⁵. NaN
    /// gives "—".
    /// </summary>
    public static string Number(double value, int digits = 3)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "—" : value > 0 ? "∞" : "−∞";
        if (value == 0)
            return "0";
        (double mantissa, int exponent) = Split(value, digits);
        if (exponent is >= -2 and < 5)
            return Signed(value.ToString($"F{Math.Max(0, digits - 1 - exponent)}"));
        return $"{Signed(mantissa.ToString($"F{digits - 1}"))}×{PowerOfTen(exponent)}";
    }

    /// <summary>
    /// <paramref name="value"/> with its standard error, both to two significant digits of the error: "12.34 ± 0.12",
    /// "(1.234 ± 0.012)×10⁶". Without a finite positive error, the value alone.
    /// </summary>
    public static string WithError(double value, double error)
    {
        if (!double.IsFinite(value) || !double.IsFinite(error) || error <= 0)
            return Number(value);
        double size = Math.Max(Math.Abs(value), error);
        int exponent = Split(size, 2).Exponent;
        bool plain = exponent is >= -2 and < 5;
        double unit = plain ? 1 : Math.Pow(10, exponent);
        int decimals = Math.Clamp(1 - Split(error / unit, 2).Exponent, 0, 12);
        string both = $"{Signed((value / unit).ToString($"F{decimals}"))} ± {(error / unit).ToString($"F{decimals}")}";
        return plain ? both : $"({both})×{PowerOfTen(exponent)}";
    }

    /// <summary>Mantissa of 1 to 10 and exponent, such that rounding to <paramref name="digits"/> digits does not carry to 10.</summary>
    private static (double Mantissa, int Exponent) Split(double value, int digits)
    {
        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        double mantissa = Math.Round(value / Math.Pow(10, exponent), digits - 1);
        return Math.Abs(mantissa) >= 10 ? (mantissa / 10, exponent + 1) : (mantissa, exponent);
    }

    private static string Of(int exponent) =>
        (exponent < 0 ? "⁻" : "") + string.Concat(Math.Abs(exponent).ToString().Select(digit => Digits[digit - '0']));

    private static string Signed(string number) => number.Replace('-', '−');
}
