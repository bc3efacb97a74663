using System.Globalization;
using System.Text;

namespace Hpc.Cli.Figures;

/// <summary>The numbers of a figure as comma-separated values, one point a line: series, x, y, standard_error (empty where there is none).</summary>
public static class CurveTable
{
    /// <summary>The table; numbers have all their digits, so that they can be read back exactly.</summary>
    public static string Text(IEnumerable<Curve> curves)
    {
        var text = new StringBuilder("series,x,y,standard_error\n");
        foreach (Curve curve in curves)
        {
            string label = curve.Label.AsSpan().IndexOfAny(",\"\n") < 0 ? curve.Label : $"\"{curve.Label.Replace("\"", "\"\"")}\"";
            for (int k = 0; k < curve.Times.Length; k++)
            {
                string error = curve.Errors is { } errors && double.IsFinite(errors[k]) ? Number(errors[k]) : "";
                text.Append(CultureInfo.InvariantCulture, $"{label},{Number(curve.Times[k])},{Number(curve.Values[k])},{error}\n");
            }
        }

        return text.ToString();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
