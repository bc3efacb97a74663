using Hpc.Numerics;

namespace Hpc.Diffusion.Descent;

/// <summary>The epochs at which losses are recorded, and what descent has reached there.</summary>
public static class EpochSchedule
{
    /// <summary>
    /// At most <paramref name="records"/> distinct epochs from 1 to <paramref name="epochs"/>, evenly spaced in log epoch; fewer where
    /// neighbours round to the same epoch. The last one is always <paramref name="epochs"/>.
    /// </summary>
    public static long[] Logarithmic(long epochs, int records)
    {
        if (records == 1)
        {
            return [epochs];
        }

        double step = Math.Log(epochs) / (records - 1);
        return [.. Enumerable.Range(0, records).Select(r => r == records - 1 ? epochs : (long)Math.Round(Math.Exp(r * step))).Distinct()];
    }

    /// <summary>
    /// F_k(λ) = (1 − (1 − 2η₀λ)^k)/λ, the part of a mode that k epochs have learned (theory.md section 1); 2η₀k at λ = 0.
    /// </summary>
    /// <remarks>Relative error about k·ε·|log|1 − 2η₀λ||, through log(1 + x) and e^x − 1 without cancellation.</remarks>
    public static double Filter(double eigenvalue, double learningRate, long epoch)
    {
        double step = 2 * learningRate * eigenvalue;
        if (eigenvalue == 0)
        {
            return 2 * learningRate * epoch;
        }

        if (step < 1)
        {
            return -Elementary.ExpM1(epoch * Elementary.Log1P(-step)) / eigenvalue;
        }

        double power = step == 1 ? 0 : Math.Exp(epoch * Math.Log(step - 1));
        return (1 - (epoch % 2 == 0 ? power : -power)) / eigenvalue;
    }
}
