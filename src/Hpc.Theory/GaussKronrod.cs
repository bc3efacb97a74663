namespace Hpc.Theory;

/// <summary>Adaptive Gauss–Kronrod (7, 15) integration of a vector function; the error is that of its first component.</summary>
internal static class GaussKronrod
{
    private const int MostDepth = 24;

    // Nodes and weights of QUADPACK's qk15 (Piessens et al. 1983), positive half from the outermost to 0.
    private static readonly double[] Nodes =
    [
        0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
        0.741531185599394439863864773280788, 0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
        0.207784955007898467600689403773245, 0,
    ];

    private static readonly double[] KronrodWeights =
    [
        0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
        0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
        0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
    ];

    private static readonly double[] GaussWeights =
    [
        0, 0.129484966168869693270611432679082, 0, 0.279705391489276667901467771423780,
        0, 0.381830050505118944950369775488975, 0, 0.417959183673469387755102040816327,
    ];

    public delegate void Function(double x, Span<double> values);

    public static double[] Integrate(Function function, double from, double to, int length, double tolerance)
    {
        var sum = new double[length];
        Add(from, to, tolerance, 0);
        return sum;

        void Add(double a, double b, double allowed, int depth)
        {
            double center = 0.5 * (a + b);
            double half = 0.5 * (b - a);
            var fine = new double[length];
            var values = new double[length];
            double coarse = 0;
            for (int i = -7; i <= 7; i++)
            {
                int k = 7 - Math.Abs(i);
                Array.Clear(values);
                function(center + Math.Sign(i) * half * Nodes[k], values);
                coarse += half * GaussWeights[k] * values[0];
                for (int j = 0; j < length; j++)
                {
                    fine[j] += half * KronrodWeights[k] * values[j];
                }
            }

            // The difference overstates the Kronrod error; for smooth functions that goes as its power 1.5 (QUADPACK).
            double difference = Math.Abs(fine[0] - coarse);
            double error = difference * Math.Min(1, Math.Sqrt(200 * difference / Math.Max(Math.Abs(fine[0]), double.Epsilon)));
            if (error <= allowed || depth >= MostDepth)
            {
                for (int j = 0; j < length; j++)
                {
                    sum[j] += fine[j];
                }
            }
            else
            {
                Add(a, center, 0.5 * allowed, depth + 1);
                Add(center, b, 0.5 * allowed, depth + 1);
            }
        }
    }
}
