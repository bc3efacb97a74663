using Hpc.Diffusion.Measurement;

namespace Hpc.Theory;

/// <summary>
/// Time scales of each class (theory.md section 7) from the loss as a function of s, not from records: crossings are solved, which makes
/// the times smooth functions of the model.
/// </summary>
public static class ExactTimeScales
{
    private const int PointsPerDecade = 20;
    private const double LogTolerance = 1e-10;

    /// <summary>Accuracy of the quadratures behind the losses.</summary>
    private const double Accuracy = 1e-7;

    /// <summary>Computes the time scales of every class; times that are never reached are NaN.</summary>
    /// <param name="learningRate">η₀ of discrete descent, or null for continuous time.</param>
    /// <exception cref="ArgumentException">The model is not valid, or descent diverges.</exception>
    /// <exception cref="TheoryConvergenceException">The equations could not be solved.</exception>
    public static TimeScales[] Compute(TheoryModel model, double? learningRate = null) =>
        Compute(model, NodeSelection.Choose(model, Accuracy), learningRate);

    internal static TimeScales[] Compute(TheoryModel model, CentroidQuadrature quadrature, double? learningRate)
    {
        var kernel = new LossKernel(model, quadrature, learningRate, Accuracy);
        (double smallest, double largest) = kernel.EigenvalueRange;
        double first = Math.Log(1e-2 / largest);
        int count = 2 + (int)(PointsPerDecade * (Math.Log(1e2 / smallest) - first) / Math.Log(10));
        var s = new double[count];
        int classes = model.Classes.Count;
        var train = new double[classes][];
        var test = new double[classes][];
        for (int c = 0; c < classes; c++)
        {
            train[c] = new double[count];
            test[c] = new double[count];
        }

        for (int i = 0; i < count; i++)
        {
            s[i] = Math.Exp(first + i * Math.Log(10) / PointsPerDecade);
            kernel.Filter(s[i]);
            for (int c = 0; c < classes; c++)
            {
                train[c][i] = kernel.TrainLoss(c);
                test[c][i] = kernel.TestLoss(c);
            }
        }

        var scales = new TimeScales[classes];
        for (int c = 0; c < classes; c++)
        {
            scales[c] = Refine(kernel, c, s, train[c], test[c]);
        }

        return scales;
    }

    private static TimeScales Refine(LossKernel kernel, int c, double[] s, double[] train, double[] test)
    {
        double Test(double logTime)
        {
            kernel.Filter(Math.Exp(logTime));
            return kernel.TestLoss(c);
        }

        double Gap(double logTime)
        {
            kernel.Filter(Math.Exp(logTime));
            return kernel.TestLoss(c) - kernel.TrainLoss(c);
        }

        int lowest = Array.IndexOf(test, test.Min());
        double minimum = lowest == 0 || lowest == s.Length - 1
            ? test[lowest]
            : Minimum(Test, Math.Log(s[lowest - 1]), Math.Log(s[lowest + 1]));
        double level = 1 - Diffusion.Measurement.TimeScales.DefaultDropFraction * (1 - minimum);
        double risen = (1 + Diffusion.Measurement.TimeScales.DefaultRise) * minimum;
        return new TimeScales(
            minimum < 1 ? Crossing(i => test[i] - level, x => Test(x) - level, 0, falling: true) : double.NaN,
            Crossing(
                i => test[i] - train[i] - Diffusion.Measurement.TimeScales.DefaultGap,
                x => Gap(x) - Diffusion.Measurement.TimeScales.DefaultGap,
                0,
                falling: false),
            Crossing(i => test[i] - risen, x => Test(x) - risen, lowest + 1, falling: false));

        double Crossing(Func<int, double> record, Func<double, double> function, int from, bool falling)
        {
            for (int i = Math.Max(1, from); i < s.Length; i++)
            {
                if (falling ? record(i) <= 0 : record(i) >= 0)
                {
                    return Math.Exp(Bisect(function, Math.Log(s[i - 1]), Math.Log(s[i])));
                }
            }

            return double.NaN;
        }
    }

    private static double Bisect(Func<double, double> function, double low, double high)
    {
        double atLow = function(low);
        while (high - low > LogTolerance)
        {
            double middle = 0.5 * (low + high);
            double value = function(middle);
            if (value > 0 == atLow > 0)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return 0.5 * (low + high);
    }

    /// <summary>Smallest value in a bracket by golden-section search; exact to second order in the tolerance on the argument.</summary>
    private static double Minimum(Func<double, double> function, double low, double high)
    {
        const double Golden = 0.381966011250105;
        double inner = low + Golden * (high - low);
        double outer = high - Golden * (high - low);
        double atInner = function(inner);
        double atOuter = function(outer);
        while (high - low > 1e-5)
        {
            if (atInner < atOuter)
            {
                (high, outer, atOuter) = (outer, inner, atInner);
                inner = low + Golden * (high - low);
                atInner = function(inner);
            }
            else
            {
                (low, inner, atInner) = (inner, outer, atOuter);
                outer = high - Golden * (high - low);
                atOuter = function(outer);
            }
        }

        return Math.Min(atInner, atOuter);
    }
}
