using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>C = A·Aᵀ, of which half is computed and half copied, against the whole product and against OpenBLAS (one triangle).</summary>
internal static unsafe class SyrkSection
{
    private const int N = 2048;
    private const int K = 1024;

    public static void Run(OpenBlas? blas)
    {
        Report.Info($"Product with the transpose, {N} × {K}, single");
        foreach (int threads in new[] { 1, 2 })
        {
            using var team = new ThreadTeam(threads);
            using Matrix<float> a = RandomMatrix.Create<float>(N, K);
            using Matrix<float> c = new(N, N);
            blas?.SetThreads(threads);
            var contenders = new List<Action>
            {
                () => Syrk.Multiply(team, 1, a.View, 0, c.View),
                () => Gemm.Multiply(team, 1, a.View, a.Transposed, 0, c.View),
            };
            if (blas is not null)
            {
                contenders.Add(() => blas.MultiplyWithTranspose(N, K, a.Pointer, c.Pointer));
            }

            double[] seconds = Timing.Medians(threads, 11, [.. contenders]);
            string name = $"{threads} thread(s)";
            Report.Ratio(name, $"{1e3 * seconds[0]:F1} ms", "of the whole", seconds[0] / seconds[1], Report.Better.AtMost, 0.65);
            if (blas is not null)
            {
                Report.Ratio(
                    name, $"OpenBLAS {1e3 * seconds[2]:F1} ms", "of OpenBLAS", seconds[2] / seconds[0], Report.Better.AtLeast, 0.90);
            }
        }

        Report.Info(string.Empty);
    }
}
