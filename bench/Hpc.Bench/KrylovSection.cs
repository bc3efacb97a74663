using System.Diagnostics;
using System.Runtime.InteropServices;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>
/// Products with the sampled covariance, features kept in single precision: one vector against one read of the features and against
/// NumPy's two products in single precision, a block against the multiply-add peak of its arithmetic, which is double. Then extreme
/// eigenpairs against ARPACK.
/// </summary>
internal static class KrylovSection
{
    private const int Size = 6000;

    private const int Pairs = 20;

    private const string TwoProducts = """
        import sys, time, numpy
        n = int(sys.argv[1])
        phi = numpy.random.rand(n, n).astype(numpy.float32)
        x = numpy.random.rand(n).astype(numpy.float32)
        seconds = []
        for i in range(11):
            start = time.perf_counter()
            y = phi.T @ (phi @ x)
            seconds.append(time.perf_counter() - start)
        print(sorted(seconds[1:])[5])
        """;

    private const string Arpack = """
        import sys, time, numpy
        from scipy.sparse.linalg import eigsh
        n = int(sys.argv[2])
        u = numpy.fromfile(sys.argv[1]).reshape(n, n)
        u @ numpy.ones(n)
        start = time.perf_counter()
        values, vectors = eigsh(u, k=int(sys.argv[3]), which=sys.argv[4], tol=float(sys.argv[5]))
        print(time.perf_counter() - start, numpy.linalg.norm(u @ vectors - vectors * values, axis=0).max())
        """;

    public static void Products()
    {
        foreach (int threads in (int[])[1, 2])
        {
            MeasureProducts(threads);
        }

        Report.Info(string.Empty);
    }

    private static void MeasureProducts(int threads)
    {
        Report.Info($"Sampled covariance, P = M = {Size}, single precision storage, {threads} thread(s)");
        using var team = new ThreadTeam(threads);
        var model = new ModelSpec
        {
            Dimension = 50,
            Features = Size,
            Samples = Size,
            Classes = [new ClassSpec(1, 0.5)],
            CentroidGram = Gram.Zero(1),
        };
        using var realization = new Realization(model, 1, team);
        using var moments = new SampledMoments(realization, new ForwardProcess(0.1), 1, FeatureStorage.Single, team);
        ISymmetricOperator covariance = moments.Train(0).Covariance;
        using Matrix<float> features = RandomMatrix.Create<float>(Size, Size);
        Action<int> multiplyAdds = _ => MachinePeak.MultiplyAdds<double>();
        foreach (int vectors in (int[])[1, 16])
        {
            using Matrix<double> x = RandomMatrix.Create<double>(vectors, Size), y = new(vectors, Size);
            double[] seconds = Timing.Medians(
                threads, 25, () => covariance.Apply(x.Transposed, y.Transposed), () => MachinePeak.Read(team, features), () => team.Run(multiplyAdds));
            double speed = covariance.Flops(vectors) / seconds[0] / 1e9, peak = threads * MachinePeak.Operations<double>() / seconds[2] / 1e9;
            string name = $"{vectors} vector(s)", measured = $"{1e3 * seconds[0]:F1} ms, {speed:F0} GFLOP/s";
            if (vectors == 1)
            {
                Report.Ratio(name, measured, "of the bandwidth", seconds[1] / seconds[0], Report.Better.AtLeast, 0.85);
                if (PythonPeer.Run(TwoProducts, threads, $"{Size}") is [double peer])
                {
                    Report.Ratio(name, $"NumPy {1e3 * peer:F1} ms", "times NumPy", peer / seconds[0], Report.Better.AtLeast, 1.8);
                }
            }
            else
            {
                Report.Ratio(name, measured, "of the peak", speed / peak, Report.Better.AtLeast, 0.7);
            }
        }
    }

    public static void Eigenpairs()
    {
        Report.Info($"{Pairs} eigenpairs of an exact covariance, P = {Size}, to 1e-8 of the largest");
        string file = Path.GetTempFileName();
        try
        {
            using Matrix<double> u = Covariance();
            using (FileStream stream = File.Create(file))
            {
                for (int i = 0; i < Size; i++)
                {
                    stream.Write(MemoryMarshal.AsBytes(u.Row(i)));
                }
            }

            foreach (int threads in (int[])[1, 2])
            {
                using var team = new ThreadTeam(threads);
                var dense = new DenseOperator(u, team);
                double largest = Measure(dense, 0, team, file, threads, null);
                Measure(dense, Pairs, team, file, threads, largest);
            }
        }
        finally
        {
            File.Delete(file);
        }

        Report.Info(string.Empty);
    }

    /// <summary>Compares one end; returns the largest eigenvalue found.</summary>
    /// <param name="largest">The largest eigenvalue where the end does not hold it.</param>
    private static double Measure(DenseOperator dense, int smallest, ThreadTeam team, string file, int threads, double? largest)
    {
        long start = Stopwatch.GetTimestamp();
        using Eigenpairs pairs = new BlockLanczos().Solve(dense, smallest, Pairs - smallest, team);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, limit = 1e-8 * (largest ?? pairs.Values[^1]);
        string end = smallest == 0 ? "largest" : "smallest", name = $"{Pairs} {end}, {threads} thread(s)";
        Report.Ratio(
            name, $"{seconds:F1} s, {pairs.Convergence.Iterations} products", "residual / limit", pairs.Residuals.Max() / limit,
            Report.Better.AtMost, 1);

        // ARPACK's tolerance is relative to each eigenvalue: this is the same limit.
        double[]? peer = PythonPeer.Run(
            Arpack, threads, file, $"{Size}", $"{Pairs}", smallest == 0 ? "LA" : "SA", $"{limit / pairs.Values[^1]:R}");
        if (peer is not null)
        {
            double peerSeconds = peer is [double took, _] ? took : PythonPeer.Limit.TotalSeconds;
            string measured = peer is [_, double residual] ? $"ARPACK {peerSeconds:F1} s, {residual / limit:G2} of it" : $"ARPACK over {peerSeconds:F0} s";
            Report.Ratio(name, measured, "times ARPACK", peerSeconds / seconds, Report.Better.AtLeast, 1);
        }

        return pairs.Values[^1];
    }

    private static Matrix<double> Covariance()
    {
        using var team = new ThreadTeam(2);
        var model = new ModelSpec
        {
            Dimension = 100,
            Features = Size,
            Samples = 3000,
            Classes = [new ClassSpec(0.5, 0.5), new ClassSpec(0.5, 0.25)],
            CentroidGram = Gram.Zero(2),
        };
        using var realization = new Realization(model, 1, team);
        var covariance = new Matrix<double>(Size, Size);
        new ExactStatistics(realization, new ForwardProcess(0.01), team).TrainAll(covariance);
        return covariance;
    }
}
