using Hpc.Diffusion.Spec;
using MathNet.Numerics.LinearAlgebra;

namespace Hpc.Theory;

/// <summary>
/// Eigenvalues of U above the bulk and how much of each class's mean feature their eigenvectors hold (theory.md section 6), at finite N.
/// </summary>
/// <remarks>
/// With M(λ) = S^{1/2} P E[YYᵀĝ] S^{1/2} the outliers are where an eigenvalue μ of M is −1. Above the bulk M is negative and increases with λ, so
/// that the number of outliers above λ is the number of eigenvalues below −1, and each is found by bracketing. With the eigenvector q of
/// μ, the overlap of class c is q_c²/(S_cc μ' P E α_c²).
/// </remarks>
public sealed class Outliers
{
    /// <summary>Relative accuracy of the bracket of the bulk's upper edge.</summary>
    private const double EdgeRatio = 1 + 1e-7;

    private const double EigenvalueTolerance = 1e-10;

    private readonly ResolventEquations equations;
    private readonly NodeTable table;
    private readonly double[][] meanFeatures;
    private readonly double[][] directions;
    private readonly double[] meanFeatureNorms;
    private readonly double features;
    private ResolventState near;

    private Outliers(ModelSpec spec, double diffusionTime)
    {
        DiffusionTime = diffusionTime;
        TheoryModel model = TheoryModel.From(spec, diffusionTime);
        equations = new ResolventEquations(model);
        CentroidQuadrature quadrature = equations.Quadrature;
        table = new NodeTable(model, quadrature, equations.Equivalences, NodeRotation.None);
        features = spec.Features;
        int classes = equations.Classes;
        int rank = quadrature.Rank;
        meanFeatures = new double[classes][];
        directions = new double[classes * (1 + rank)][];
        meanFeatureNorms = new double[classes];
        for (int c = 0; c < classes; c++)
        {
            GaussianEquivalence equivalence = equations.Equivalences[c];
            EquivalentCoefficients[] at = Array.ConvertAll(quadrature.Projections[c], equivalence.At);
            meanFeatures[c] = directions[c] = Array.ConvertAll(at, coefficients => coefficients.MeanFeature);
            for (int i = 0; i < at.Length; i++)
            {
                meanFeatureNorms[c] += quadrature.Weights[i] * meanFeatures[c][i] * meanFeatures[c][i];
            }

            for (int k = 0; k < rank; k++)
            {
                directions[classes + k * classes + c] =
                    at.Select((coefficients, i) => coefficients.LinearGain * quadrature.Points[i][k] / Math.Sqrt(spec.Dimension)).ToArray();
            }
        }

        (_, near) = SpectrumSupport.UpperEdge(equations, EdgeRatio);
        UpperEdge = near.Z.Real;
        (Eigenvalues, Overlaps) = Find();
        Rms = new double[classes];
        for (int c = 0; c < classes; c++)
        {
            Rms[c] = meanFeatureNorms[c] > 0 ? Math.Sqrt(Overlaps.Take(classes).Sum(overlap => overlap[c])) : double.NaN;
        }
    }

    public double DiffusionTime { get; }

    /// <summary>Upper edge of the bulk.</summary>
    public double UpperEdge { get; }

    /// <summary>Outliers in decreasing order.</summary>
    public IReadOnlyList<double> Eigenvalues { get; }

    /// <summary>Overlaps[k][c] = (α_c·ψ_k)²/‖α_c‖² of outlier k, in [0, 1].</summary>
    public IReadOnlyList<double[]> Overlaps { get; }

    /// <summary>
    /// RMS_c: root of the sum of the overlaps with the K largest outliers (missing ones count 0); NaN for a class without mean feature.
    /// </summary>
    public double[] Rms { get; }

    /// <summary>Computes the outliers at a diffusion time.</summary>
    /// <exception cref="ArgumentException">The model is not valid.</exception>
    /// <exception cref="TheoryConvergenceException">The equations could not be solved.</exception>
    public static Outliers Compute(ModelSpec spec, double diffusionTime) => new(spec, diffusionTime);

    /// <summary>
    /// The diffusion time at which RMS of class <paramref name="c"/> falls through <paramref name="threshold"/>: the class's speciation time.
    /// </summary>
    /// <param name="from">A time before the transition.</param>
    /// <param name="to">A time after the transition.</param>
    /// <returns>The time to 1e-4 relative, or NaN when RMS is not above the threshold at <paramref name="from"/> and below it at
    /// <paramref name="to"/>.</returns>
    public static double TransitionTime(ModelSpec spec, int c, double from, double to, double threshold = 0.5)
    {
        if (!(Compute(spec, from).Rms[c] >= threshold && Compute(spec, to).Rms[c] < threshold))
        {
            return double.NaN;
        }

        while (to > (1 + 1e-4) * from)
        {
            double middle = Math.Sqrt(from * to);
            if (Compute(spec, middle).Rms[c] >= threshold)
            {
                from = middle;
            }
            else
            {
                to = middle;
            }
        }

        return Math.Sqrt(from * to);
    }

    private (List<double> Eigenvalues, List<double[]> Overlaps) Find()
    {
        var eigenvalues = new List<double>();
        var overlaps = new List<double[]>();
        ResolventState edge = near;
        int count = Spectrum(UpperEdge).Values.Count(value => value < -1);

        // Above this, |M| < 1: P Σ S Y² bounds the trace of −λM far from the bulk.
        double top = UpperEdge;
        while (Spectrum(2 * top).Values.Any(value => value < -1))
        {
            top *= 2;
        }

        for (int k = 0; k < count; k++)
        {
            near = edge;
            double location = Root(k, UpperEdge, 2 * top);
            eigenvalues.Add(location);
            overlaps.Add(OverlapsAt(k, location));
        }

        return (eigenvalues, overlaps);
    }

    /// <summary>Where the k-th smallest eigenvalue of M reaches −1, by regula falsi (Illinois) on log λ.</summary>
    private double Root(int k, double low, double high)
    {
        double a = Math.Log(low);
        double b = Math.Log(high);
        double atA = Spectrum(low).Values[k] + 1;
        double atB = Spectrum(high).Values[k] + 1;
        int side = 0;
        while (b - a > EigenvalueTolerance)
        {
            double x = (a * atB - b * atA) / (atB - atA);
            x = Math.Clamp(x, a + 1e-3 * (b - a), b - 1e-3 * (b - a));
            double value = Spectrum(Math.Exp(x)).Values[k] + 1;
            if (Math.Abs(value) < EigenvalueTolerance)
            {
                return Math.Exp(x);
            }

            if (value < 0)
            {
                (a, atA) = (x, value);
                atB = side < 0 ? 0.5 * atB : atB;
                side = -1;
            }
            else
            {
                (b, atB) = (x, value);
                atA = side > 0 ? 0.5 * atA : atA;
                side = 1;
            }
        }

        return Math.Exp(0.5 * (a + b));
    }

    private double[] OverlapsAt(int k, double location)
    {
        (_, Matrix<double> vectors, double[] weights) = Spectrum(location);
        double step = Math.Min(1e-3 * location, 0.1 * (location - UpperEdge));
        double Slope(double h) => (Spectrum(location + h).Values[k] - Spectrum(location - h).Values[k]) / (2 * h);

        // Richardson: central differences at two steps remove the second-order term.
        double slope = (4 * Slope(0.5 * step) - Slope(step)) / 3;
        var overlap = new double[meanFeatures.Length];
        for (int c = 0; c < overlap.Length; c++)
        {
            double component = vectors[c, k];
            overlap[c] = meanFeatureNorms[c] > 0 ? component * component / (weights[c] * slope * features * meanFeatureNorms[c]) : 0;
        }

        return overlap;
    }

    /// <summary>Eigenvalues of M in increasing order, its eigenvectors as columns, and the diagonal of S.</summary>
    private (double[] Values, Matrix<double> Vectors, double[] Weights) Spectrum(double location)
    {
        ResolventState state = equations.SolveOnAxis(location, near);
        if (!ResolventEquations.IsReal(state))
        {
            throw new TheoryConvergenceException($"λ = {location:r} lies inside the bulk, whose upper edge is {UpperEdge:r}: no outlier there.");
        }

        near = state;
        int classes = equations.Classes;
        var inverse = new double[table.Nodes];
        for (int i = 0; i < table.Nodes; i++)
        {
            inverse[i] = table.Floor[i].Real - location;
        }

        table.Accumulate(state.Coefficients, inverse, new double[table.Nodes]);
        for (int i = 0; i < table.Nodes; i++)
        {
            inverse[i] = features * table.Weights[i] / inverse[i];
        }

        int size = directions.Length;
        var weights = new double[size];
        for (int i = 0; i < size; i++)
        {
            int c = i % classes;
            double sample = state.SampleFactor[c].Real;
            weights[i] = equations.Weight(c) * (i < classes ? sample : equations.SignalVariance(c) * sample + equations.NoiseLevel);
        }

        Matrix<double> matrix = Matrix<double>.Build.Dense(size, size);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0;
                for (int n = 0; n < inverse.Length; n++)
                {
                    sum += directions[i][n] * directions[j][n] * inverse[n];
                }

                matrix[i, j] = matrix[j, i] = Math.Sqrt(weights[i] * weights[j]) * sum;
            }
        }

        var decomposition = matrix.Evd(Symmetricity.Symmetric);
        return (decomposition.EigenValues.Select(value => value.Real).ToArray(), decomposition.EigenVectors, weights);
    }
}
