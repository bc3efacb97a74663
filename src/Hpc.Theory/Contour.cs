using System.Numerics;

namespace Hpc.Theory;

/// <summary>Upper half of a closed contour around the spectrum, with the solution at each node.</summary>
/// <param name="States">Solutions at nodes with Im z &gt; 0, from the right end to the left.</param>
/// <param name="Steps">dz of the trapezoidal rule at each node, counter-clockwise.</param>
internal sealed record Contour(ResolventState[] States, Complex[] Steps)
{
    private const double LargestAngle = Math.PI / 4;
    private const double SmallestAngle = 0.02;

    /// <summary>Nodes per unit of log(1/accuracy) × (length/width); measured: the error falls as exp(−1.2·n·width/length).</summary>
    private const double NodesPerDigit = 1.0 / 1.2;

    /// <summary>Margin, in log z, between the interval that the ellipse is confocal with and the estimated ends of the spectrum.</summary>
    private const double Margin = 0.01;

    public static Contour Around(
        ResolventEquations equations, double tailMass, double? learningRate, double accuracy, double nodeFraction)
    {
        double low = Math.Log(SpectrumSupport.LowerBound(equations, tailMass)) - Margin;
        (_, ResolventState edge) = SpectrumSupport.UpperEdge(equations, 1 + Margin);
        double high = Math.Log(edge.Z.Real) + Margin;
        double center = 0.5 * (low + high);
        double halfLength = 0.5 * (high - low);
        double angle = LargestAngle;
        if (learningRate is { } rate)
        {
            if (rate * edge.Z.Real >= 1)
            {
                throw new ArgumentException(
                    $"Descent diverges: 2·η₀·λ_max = {2 * rate * edge.Z.Real:g4} is not below 2; lower the learning rate {rate} below {1 / edge.Z.Real:g3}.",
                    nameof(learningRate));
            }

            while (!IsStable(center, halfLength, angle, rate))
            {
                angle *= 0.8;
                if (angle < SmallestAngle)
                {
                    throw new ArgumentException(
                        $"2·η₀·λ_max = {2 * rate * edge.Z.Real:g4} is too near the stability limit 2 for the contour; lower the learning rate.",
                        nameof(learningRate));
                }
            }
        }

        double semiAxis = Math.Sqrt(halfLength * halfLength + angle * angle);
        double rateOfConvergence = Math.Log((semiAxis + angle) / halfLength);
        int half = (int)Math.Ceiling(0.5 * nodeFraction * NodesPerDigit * Math.Log(1 / accuracy) / rateOfConvergence);
        var states = new ResolventState[half];
        var steps = new Complex[half];
        ResolventState? near = null;
        for (int j = 0; j < half; j++)
        {
            double theta = Math.PI * (j + 0.5) / half;
            (double sine, double cosine) = Math.SinCos(theta);
            Complex z = Complex.Exp(new Complex(center + semiAxis * cosine, angle * sine));
            near = states[j] = equations.SolveAbove(z, near);
            steps[j] = z * new Complex(-semiAxis * sine, angle * cosine) * (Math.PI / half);
        }

        return new Contour(states, steps);
    }

    /// <summary>Whether |1 − 2ηz| &lt; 1, that is η|z| &lt; cos arg z, on the whole ellipse.</summary>
    private static bool IsStable(double center, double halfLength, double angle, double rate)
    {
        double semiAxis = Math.Sqrt(halfLength * halfLength + angle * angle);
        for (int j = 0; j <= 256; j++)
        {
            (double sine, double cosine) = Math.SinCos(0.5 * Math.PI * j / 256);
            if (!(rate * Math.Exp(center + semiAxis * cosine) < Math.Cos(angle * sine)))
            {
                return false;
            }
        }

        return true;
    }
}
