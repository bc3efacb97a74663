using Hpc.Cli.Planning;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Cli.Devices;

/// <summary>A small task that takes the same operations as the real one, to compare devices with: some 3·10⁹ operations.</summary>
internal static class SpeedTest
{
    /// <summary>The shortest of a few times, after one run that compiles everything.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="freshNoise">Whether it is an epoch with fresh noise that is timed, or a covariance.</param>
    /// <param name="single">Whether products are in single precision.</param>
    /// <param name="team">Threads for the processor.</param>
    public static double Seconds(IBackend backend, bool freshNoise, bool single, ThreadTeam team)
    {
        var forward = new ForwardProcess(0.01);
        using var realization = new Realization(
            new ModelSpec
            {
                Dimension = 128,
                Features = freshNoise ? 2048 : 1024,
                Samples = freshNoise ? 2048 : 512,
                Classes = [new ClassSpec(1, 0.5)],
                CentroidGram = [[0]],
            },
            0, team);
        if (freshNoise)
        {
            using IFreshNoiseModel model = backend.CreateFreshNoise(realization, forward, 1e-6, single, team);
            double[] losses = new double[1];
            return MachineRates.Best(() => model.Run(1, 1, losses));
        }

        using IExactCovariances covariances = backend.CreateCovariances(realization, forward, single, team);
        using var covariance = new Matrix<double>(realization.Model.Features, realization.Model.Features);
        return MachineRates.Best(() => covariances.Compute(realization.Samples.View, forward.NoiseAmplitude, covariance));
    }
}
