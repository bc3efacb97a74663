using System.Diagnostics;
using System.Numerics;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Cli.Planning;

/// <summary>How fast this machine is at what tasks spend their time on; from measurements of about a second in all.</summary>
/// <param name="SingleProducts">Floating-point operations a second of matrix products in single precision.</param>
/// <param name="DoubleProducts">The same in double precision.</param>
/// <param name="ReadBytes">Bytes a second that all threads together read from memory.</param>
/// <param name="Eigensystem">Seconds of an eigensystem with vectors divided by n³, at n = <see cref="EigensystemSize"/>.</param>
/// <param name="Threads">Threads that were measured.</param>
public sealed record MachineRates(double SingleProducts, double DoubleProducts, double ReadBytes, double Eigensystem, int Threads)
{
    private const int ProductSize = 1024;

    private const int EigensystemSize = 700;

    private const int ReadSide = 6000;

    private const int Repetitions = 3;

    /// <summary>Measures; the best of a few repetitions each, after one that warms up.</summary>
    public static MachineRates Measure(ThreadTeam team, ISymmetricEigensolver eigensolver) => new(
        Products<float>(team), Products<double>(team), Read(team), Decompose(team, eigensolver) / Math.Pow(EigensystemSize, 3), team.Count);

    private static double Products<T>(ThreadTeam team)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Matrix<T> a = new(ProductSize, ProductSize), b = new(ProductSize, ProductSize), c = new(ProductSize, ProductSize);
        a.Span.Fill(T.CreateChecked(0.5));
        b.Span.Fill(T.CreateChecked(0.25));
        return 2 * Math.Pow(ProductSize, 3) / Best(() => Gemm.Multiply(team, T.One, a.View, b.View, T.Zero, c.View));
    }

    private static double Read(ThreadTeam team)
    {
        using var data = new Matrix<float>(ReadSide, ReadSide);
        data.Span.Fill(1);
        return sizeof(float) * data.Length / Best(() => MachinePeak.Read(team, data));
    }

    private static double Decompose(ThreadTeam team, ISymmetricEigensolver eigensolver)
    {
        using Matrix<double> factor = new(EigensystemSize, EigensystemSize), a = new(EigensystemSize, EigensystemSize);
        new RandomStream(0, StreamPurpose.ProbeVectors).FillNormals(0, 0, factor.Span);
        double[] values = new double[EigensystemSize];
        double best = double.MaxValue;
        for (int i = 0; i < 2; i++)
        {
            Syrk.Multiply(team, 1, factor.View, 0, a.View);
            long start = Stopwatch.GetTimestamp();
            eigensolver.Decompose(a, values, vectors: true, team.Count);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>Seconds of the fastest of a few runs, after one that compiles everything.</summary>
    internal static double Best(Action action)
    {
        action();
        double best = double.MaxValue;
        for (int i = 0; i < Repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
