using System.Numerics;
using Hpc.Diffusion.Operators;
using Hpc.Kernels.Devices;
using Hpc.Numerics.Threading;

namespace Hpc.Kernels.Krylov;

/// <summary>Feature vectors are kept in the memory of a device.</summary>
/// <param name="Device">The device.</param>
internal sealed record AcceleratorStorage<T>(ComputeDevice Device) : FeatureStorage
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override IFeatureTiles Keep(IFeatureTiles source, ThreadTeam team) => new AcceleratorFeatures<T>(Device.Library<double>(), source);
}
