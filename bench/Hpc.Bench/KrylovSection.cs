using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>
/// Products with the sampled covariance, features kept in single precision: few vectors against one read of the features, a block
/// against the multiply-add peak of its arithmetic, which is double.
/// </summary>
internal static class KrylovSection
{
    private const int Size = 6000;

    public static void Run()
    {
        Report.Info($"Sampled covariance, P = M = {Size}, single precision storage, one thread");
        using var team = new ThreadTeam(1);
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
        foreach (int vectors in new[] { 1, 16 })
        {
            using Matrix<double> x = RandomMatrix.Create<double>(vectors, Size), y = new(vectors, Size);
            double[] seconds = Timing.Medians(
                1, 9, () => covariance.Apply(x.Transposed, y.Transposed), () => MachinePeak.Read(team, features), MachinePeak.MultiplyAdds<double>);
            double speed = covariance.Flops(vectors) / seconds[0] / 1e9, peak = MachinePeak.Operations<double>() / seconds[2] / 1e9;
            Report.Ratio(
                $"{vectors} vector(s)", $"{1e3 * seconds[0]:F1} ms, {speed:F0} GFLOP/s",
                vectors == 1 ? "of the bandwidth" : "of the peak", vectors == 1 ? seconds[1] / seconds[0] : speed / peak,
                Report.Better.AtLeast, vectors == 1 ? 0.85 : 0.7);
        }

        Report.Info(string.Empty);
    }
}
