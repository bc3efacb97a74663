using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>What becomes of feature vectors between products.</summary>
public abstract record FeatureStorage
{
    /// <summary>Made again at every product: no memory, 2PN flops a vector.</summary>
    public static FeatureStorage Regenerated { get; } = new None();

    /// <summary>Kept in single precision, 4 bytes a number; products in double.</summary>
    public static FeatureStorage Single { get; } = new Kept<float>();

    /// <summary>Kept in double precision, 8 bytes a number.</summary>
    public static FeatureStorage Double { get; } = new Kept<double>();

    /// <summary>The tiles as they are kept; what is stored is to be disposed.</summary>
    public abstract IFeatureTiles Keep(IFeatureTiles source, ThreadTeam team);

    private sealed record None : FeatureStorage
    {
        public override IFeatureTiles Keep(IFeatureTiles source, ThreadTeam team) => source;
    }

    private sealed record Kept<T> : FeatureStorage
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        public override IFeatureTiles Keep(IFeatureTiles source, ThreadTeam team) => new StoredFeatures<T>(source, team);
    }
}
