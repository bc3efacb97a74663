using System.Numerics;
using Hpc.Diffusion.Spec;

namespace Hpc.Theory;

/// <summary>
/// The self-consistent equations for δ_c and E of theory.md section 4, and their solution on the physical branch.
/// </summary>
/// <remarks>
/// For Im z &gt; 0 the equations map the set Im ĝ &gt; 0, Im δ &gt; 0 into itself, so that a solution there is the only one: each solution is
/// accepted by that test, or, on the real axis off the spectrum, by positive derivatives (what the test becomes as Im z → 0). Newton's method
/// starts from a neighbouring solution where there is one; where it fails, the imaginary part is lowered step by step from far above the
/// spectrum, where plain iteration contracts.
/// </remarks>
public sealed class ResolventEquations
{
    /// <summary>Residual that every returned solution satisfies.</summary>
    public const double ResidualBound = 1e-12;

    /// <summary>Residual at which Newton's method stops: a few roundings above machine precision.</summary>
    private const double ResidualGoal = 2e-15;

    /// <summary>Relative imaginary part below which a solution on the real axis counts as real.</summary>
    private const double RealTolerance = 1e-11;

    /// <summary>Relative imaginary part of the wrong sign that quadrature on rotated nodes may leave off the spectrum, coarse rules included.</summary>
    private const double RotatedSlack = 1e-3;

    private const int MostNewtonSteps = 40;

    /// <summary>Continuation gives up at steps below this factor in Im z, or after this many.</summary>
    private const double SmallestFactor = 1.01;

    private const int MostSteps = 100;

    private readonly GaussianEquivalence[] equivalences;
    private readonly double[] weights;
    private readonly double[] signalVariances;
    private readonly double[] totalVariances;
    private int evaluations;

    /// <summary>Sets up the equations with a quadrature chosen so that g and f change by less than <paramref name="tolerance"/>.</summary>
    /// <param name="model">The model; its ratios, classes and diffusion time.</param>
    /// <param name="tolerance">Relative error of the average over centroid projections.</param>
    /// <exception cref="ArgumentException">The model is not valid, or has too many classes for the memory.</exception>
    public ResolventEquations(TheoryModel model, double tolerance = NodeSelection.DefaultTolerance)
        : this(model, NodeSelection.Choose(model, tolerance))
    {
    }

    /// <summary>Sets up the equations with a given quadrature over centroid projections.</summary>
    /// <exception cref="ArgumentException">The model is not valid, or has too many classes for the memory.</exception>
    public ResolventEquations(TheoryModel model, CentroidQuadrature quadrature)
        : this(model, quadrature, NodeRotation.None)
    {
    }

    private ResolventEquations(TheoryModel model, CentroidQuadrature quadrature, NodeRotation rotation)
    {
        model.Validate();
        Model = model;
        Quadrature = quadrature;
        equivalences = model.Classes.Select(c => new GaussianEquivalence(model.Activation, c.Variance, model.DiffusionTime)).ToArray();
        weights = model.Classes.Select(c => c.Weight).ToArray();
        signalVariances = equivalences.Select(e => e.SignalVariance).ToArray();
        totalVariances = equivalences.Select(e => e.TotalVariance).ToArray();
        NoiseLevel = model.NoiseLevel;
        bool odd = model.Activation is Activation.Tanh or Activation.Erf;
        Table = new NodeTable(model, odd ? quadrature.FoldSigns() : quadrature, equivalences, rotation);
    }

    public TheoryModel Model { get; }

    public CentroidQuadrature Quadrature { get; }

    /// <summary>Coefficient functions of each class.</summary>
    public IReadOnlyList<GaussianEquivalence> Equivalences => equivalences;

    internal NodeTable Table { get; }

    internal double NoiseLevel { get; }

    internal double FeatureRatio => Model.FeatureRatio;

    internal double SampleRatio => Model.SampleRatio;

    internal int Classes => weights.Length;

    /// <summary>Solves the equations at <paramref name="z"/>, anywhere off the spectrum.</summary>
    /// <exception cref="ArgumentException"><paramref name="z"/> is not finite, or real and on the spectrum.</exception>
    /// <exception cref="TheoryConvergenceException">The residual stays above <see cref="ResidualBound"/>.</exception>
    public ResolventSolution Solve(Complex z)
    {
        if (!Complex.IsFinite(z))
        {
            throw new ArgumentException($"z = {z} is not finite.", nameof(z));
        }

        evaluations = 0;
        bool lower = z.Imaginary < 0;
        ResolventState state = lower || z.Imaginary > 0
            ? SolveAbove(new Complex(z.Real, Math.Abs(z.Imaginary)))
            : SolveOnAxis(z.Real);
        if (z.Imaginary == 0 && !IsReal(state))
        {
            throw new ArgumentException(
                $"z = {z.Real} lies on the spectrum (density {state.Trace.Imaginary / Math.PI:g4}), where the resolvent has no value: " +
                "give z an imaginary part, or ask for the density.",
                nameof(z));
        }

        return Describe(state, lower);
    }

    /// <summary>The same equations on nodes moved into the complex plane, for use at the spectrum (see <see cref="NodeTable"/>).</summary>
    /// <param name="order">Nodes per dimension.</param>
    /// <param name="turns">Whether the rotation turns back where neurons are not saturated.</param>
    internal ResolventEquations Rotated(int order, bool turns) =>
        new(Model, Quadrature.Resized(order), turns ? NodeRotation.Turning : NodeRotation.Saturated);

    internal double Weight(int c) => weights[c];

    internal double SignalVariance(int c) => signalVariances[c];

    internal double TotalVariance(int c) => totalVariances[c];

    /// <summary>
    /// Whether a state with vanishing residual is the one physical solution for Im z ≥ 0: Im ĝ(u) &gt; 0 at every node and Im δ_c ≥ 0. On rotated
    /// nodes ĝ has no sign of its own and the averages g and E_cc take its place, to the accuracy of the quadrature.
    /// </summary>
    internal bool IsPhysical(ResolventState state)
    {
        double slack = Table.IsRotated ? RotatedSlack : 0;
        for (int c = 0; c < Classes; c++)
        {
            Complex response = state.Unknowns[c];
            Complex correlation = state.Unknowns[Classes + PairIndex(c, c)];
            if (!(response.Imaginary >= -slack * Complex.Abs(1 + response))
                || (Table.IsRotated && !(correlation.Imaginary >= -slack * Complex.Abs(correlation))))
            {
                return false;
            }
        }

        return Table.IsRotated ? state.Trace.Imaginary >= -slack * Complex.Abs(state.Trace) : state.LowestImaginary > 0;
    }

    /// <summary>Mean eigenvalue of U: (1/P) tr U without the finite-rank part.</summary>
    internal double MeanEigenvalue()
    {
        double sum = 0;
        for (int i = 0; i < Table.Nodes; i++)
        {
            double inner = Table.Floor[i].Real;
            for (int c = 0; c < Classes; c++)
            {
                inner += weights[c] * (Table.Feature(c)[i] + totalVariances[c] * Table.Feature(Classes + PairIndex(c, c))[i]);
            }

            sum += Table.Weights[i] * inner;
        }

        return sum;
    }

    /// <summary>Position of (a, b), a ≤ b, among the pairs.</summary>
    internal int PairIndex(int a, int b) => a * Classes - a * (a - 1) / 2 + b - a;

    internal static bool IsReal(ResolventState state) => state.Unknowns.All(x => x.Imaginary == 0) && state.Z.Imaginary == 0;

    /// <summary>Solution for Im z &gt; 0, from a neighbouring one where given.</summary>
    internal ResolventState SolveAbove(Complex z, ResolventState? near = null)
    {
        if (near != null && IsPhysical(near) && Newton(z, near.Unknowns) is { } direct)
        {
            return direct;
        }

        double height = Math.Max(z.Imaginary, 2 * Math.Max(Complex.Abs(z), MeanEigenvalue()));
        return Descend(z.Real, height, z.Imaginary) ?? throw new TheoryConvergenceException(
            $"The resolvent equations could not be solved at z = {z} on the physical branch.");
    }

    /// <summary>
    /// Limit Im z → 0+ at real λ: complex unknowns inside the spectrum, real ones (<see cref="IsReal"/>) off it.
    /// </summary>
    internal ResolventState SolveOnAxis(double location, params ReadOnlySpan<ResolventState?> neighbours) =>
        FindOnAxis(location, neighbours) ?? throw new TheoryConvergenceException(
            $"The resolvent equations could not be solved at λ = {location:r} + i0: it is within rounding of a spectral edge or an atom, or the " +
            "quadrature over centroid projections is too coarse.");

    /// <summary>As <see cref="SolveOnAxis"/>, null where it fails.</summary>
    internal ResolventState? FindOnAxis(double location, params ReadOnlySpan<ResolventState?> neighbours)
    {
        foreach (ResolventState? near in neighbours)
        {
            if (near != null && TryOnAxis(location, near) is { } direct)
            {
                return direct;
            }
        }

        double height = 2 * Math.Max(Math.Abs(location), MeanEigenvalue());
        double scale = Math.Max(Math.Abs(location - (Table.Nodes == 1 ? Table.Floor[0].Real : 0)), 1e-12 * height);
        ResolventState? state = null;
        for (double relative = 1e-3; relative > 1e-12; relative *= 1e-3)
        {
            double imaginary = relative * scale;
            state = state == null ? Descend(location, height, imaginary) : Descend(location, state, imaginary);
            if (state == null)
            {
                return null;
            }

            if (TryOnAxis(location, state) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    internal ResolventState Evaluate(Complex z, Complex[] unknowns)
    {
        evaluations++;
        return new ResolventState(this, z, unknowns);
    }

    /// <summary>Derivative of g and of the unknowns in z at a solution.</summary>
    internal (Complex Trace, Complex[] Unknowns) Derivative(ResolventState state) => Derivative(state, out _);

    private (Complex Trace, Complex[] Unknowns) Derivative(ResolventState state, out double lowest)
    {
        var perturbation = new ResolventPerturbation(this, state, state);
        Complex[] change = perturbation.ArgumentSource();
        ComplexSystem.Solve(perturbation.System(), change, Table.Unknowns, 1);
        Complex[] coefficients = perturbation.CoefficientChange(change);
        coefficients[Table.Features - 1] -= 1;
        var real = new double[Table.Nodes];
        var imaginary = new double[Table.Nodes];
        Table.Accumulate(coefficients, real, imaginary);
        Complex trace = Complex.Zero;
        lowest = double.PositiveInfinity;
        for (int i = 0; i < Table.Nodes; i++)
        {
            var inverse = new Complex(state.Real[i], state.Imaginary[i]);
            Complex node = -inverse * inverse * new Complex(real[i], imaginary[i]);
            lowest = Math.Min(lowest, node.Real);
            trace += Table.Weights[i] * node;
        }

        return (trace, change);
    }

    private ResolventSolution Describe(ResolventState state, bool conjugate)
    {
        Complex Side(Complex value) => conjugate ? Complex.Conjugate(value) : value;
        var noise = state.TransferredWeights.Select(value => Side(NoiseLevel * value)).ToArray();
        Complex total = Complex.Zero;
        for (int c = 0; c < Classes; c++)
        {
            total += weights[c] * noise[c];
        }

        return new ResolventSolution(
            Side(state.Z),
            Side(state.Trace),
            total,
            noise,
            state.Unknowns.Take(Classes).Select(Side).ToArray(),
            new Convergence(evaluations, state.Residual));
    }

    /// <summary>Whether ĝ(u) has one sign at all nodes: no pole of a continuous u lies between them.</summary>
    internal static bool HasOneSign(ResolventState state) => state.Real.All(x => x > 0) || state.Real.All(x => x < 0);

    /// <summary>Solution at a real point from a neighbour, null where Newton's method does not reach the physical one.</summary>
    internal ResolventState? TryOnAxis(double location, ResolventState near)
    {
        ResolventState? state = IsReal(near) ? null : Newton(location, near.Unknowns);
        if (state == null && Table.IsRotated)
        {
            return null;
        }

        Complex[] start = near.Unknowns;
        if (state != null)
        {
            double size = state.Unknowns.Max(x => Complex.Abs(x));
            if (Table.IsRotated || state.Unknowns.Any(x => Math.Abs(x.Imaginary) > RealTolerance * size))
            {
                return IsPhysical(state) ? state : null;
            }

            start = state.Unknowns;
        }

        return TryReal(location, start);
    }

    /// <summary>Real solution at a real point outside the spectrum, null where none is reached or it is not the physical one.</summary>
    internal ResolventState? TryReal(double location, ResolventState near) => TryReal(location, near.Unknowns);

    private ResolventState? TryReal(double location, Complex[] start)
    {
        ResolventState? state = Newton(location, Array.ConvertAll(start, x => new Complex(x.Real, 0)));
        if (state == null || state.Unknowns.Any(x => x.Imaginary != 0))
        {
            return null;
        }

        (_, Complex[] change) = Derivative(state, out double lowest);
        return lowest > 0 && change.Take(Classes).All(x => x.Real >= 0) ? state : null;
    }

    /// <summary>From far above the spectrum down to <paramref name="target"/>; null where the solution is lost.</summary>
    private ResolventState? Descend(double real, double height, double target)
    {
        ResolventState state = Evaluate(new Complex(real, height), new Complex[Table.Unknowns]);
        for (int i = 0; i < 200 && state.Residual > 1e-3; i++)
        {
            state = Evaluate(state.Z, state.Values);
        }

        return Newton(state.Z, state.Unknowns) is { } start ? Descend(real, start, target) : null;
    }

    private ResolventState? Descend(double real, ResolventState state, double target)
    {
        double factor = 8;
        for (int steps = 0; state.Z.Imaginary > target; steps++)
        {
            double imaginary = Math.Max(target, state.Z.Imaginary / factor);
            ResolventState? next = Newton(new Complex(real, imaginary), state.Unknowns);
            if (next == null)
            {
                factor = Math.Sqrt(factor);
                if (factor < SmallestFactor || steps > MostSteps)
                {
                    return null;
                }
            }
            else
            {
                state = next;
                factor = Math.Min(64, factor * 2);
            }
        }

        return state;
    }

    /// <summary>
    /// Newton's method, kept on the physical side for complex unknowns by plain iteration where a step leaves it. Null unless the residual
    /// falls below <see cref="ResidualBound"/> (and the solution is physical, for Im z &gt; 0).
    /// </summary>
    private ResolventState? Newton(Complex z, Complex[] start)
    {
        ResolventState state = Evaluate(z, start);
        bool isReal = z.Imaginary == 0 && start.All(x => x.Imaginary == 0);
        int plain = 0;
        for (int i = 0; i < MostNewtonSteps && state.Residual > ResidualGoal; i++)
        {
            if (!double.IsFinite(state.Residual))
            {
                return null;
            }

            var perturbation = new ResolventPerturbation(this, state, state);
            var step = new Complex[Table.Unknowns];
            for (int j = 0; j < step.Length; j++)
            {
                step[j] = state.Values[j] - state.Unknowns[j];
            }

            Complex determinant = ComplexSystem.Solve(perturbation.System(), step, step.Length, 1);
            ResolventState? next = null;
            if (determinant != Complex.Zero)
            {
                double length = 1;
                for (int halving = 0; halving < 5; halving++, length /= 2)
                {
                    var unknowns = new Complex[step.Length];
                    for (int j = 0; j < step.Length; j++)
                    {
                        unknowns[j] = state.Unknowns[j] + length * step[j];
                    }

                    ResolventState candidate = Evaluate(z, unknowns);
                    bool allowed = isReal || z.Imaginary == 0 || IsPhysical(candidate);
                    if (allowed && candidate.Residual < state.Residual)
                    {
                        next = candidate;
                        break;
                    }

                    if (state.Residual < ResidualBound)
                    {
                        break;
                    }
                }
            }

            if (next == null)
            {
                // At rounding level no step improves; otherwise plain iteration, which maps the physical side into itself.
                if (state.Residual < ResidualBound || isReal || ++plain > 20)
                {
                    break;
                }

                next = Evaluate(z, state.Values);
            }

            state = next;
        }

        return state.Residual < ResidualBound && (z.Imaginary == 0 || IsPhysical(state)) ? state : null;
    }
}
