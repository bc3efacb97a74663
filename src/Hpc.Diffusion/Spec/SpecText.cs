using System.Text;

namespace Hpc.Diffusion.Spec;

/// <summary>How names of the code are written in a spec, and which known name a wrong one is nearest to.</summary>
public static class SpecText
{
    /// <summary><c>NoiseAveraged</c> becomes <c>noise-averaged</c>.</summary>
    public static string Kebab(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>The candidate with the smallest edit distance.</summary>
    public static string Nearest(string given, IEnumerable<string> candidates) =>
        candidates.MinBy(c => Distance(given.ToLowerInvariant(), c.ToLowerInvariant())) ?? "";

    /// <summary>Levenshtein distance: insertions, deletions and substitutions that turn one text into the other.</summary>
    public static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
