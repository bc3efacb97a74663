using System.Globalization;

namespace Hpc.Cli;

/// <summary>Times in the unit that a reader would choose.</summary>
internal static class Times
{
    public static string Of(double seconds) => seconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{1000 * seconds:F0} ms"),
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s"),
        < 6000 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:F1} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:F1} h"),
    };
}
