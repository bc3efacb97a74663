using Hpc.Diffusion.Operators;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Cli.Running;

/// <summary>Moments whose products with U are counted before each is made, so that a long iteration shows progress and can be stopped.</summary>
/// <param name="moments">The moments.</param>
/// <param name="counted">Told the number of products so far; may throw to stop.</param>
internal sealed class WatchedMoments(IFeatureMoments moments, Action<long> counted) : IFeatureMoments
{
    private readonly Action<long> counted = counted;
    private long products;

    public FeatureMoments TrainAll
    {
        get
        {
            FeatureMoments all = moments.TrainAll;
            return all with { Covariance = new WatchedOperator(all.Covariance, this) };
        }
    }

    public FeatureMoments Train(int c) => moments.Train(c);

    public FeatureMoments Test(int c) => moments.Test(c);

    public void Dispose()
    {
        // The moments belong to their maker.
    }

    private sealed class WatchedOperator(ISymmetricOperator apply, WatchedMoments owner) : ISymmetricOperator
    {
        public int Dimension => apply.Dimension;

        public RowShare Share => apply.Share;

        public long MemoryBytes => apply.MemoryBytes;

        public IKrylovVectors? KeepVectors(int capacity) => apply.KeepVectors(capacity);

        public double Flops(int vectors) => apply.Flops(vectors);

        public void Apply(MatrixView<double> x, MatrixView<double> y)
        {
            owner.products += x.Columns;
            owner.counted(owner.products);
            apply.Apply(x, y);
        }
    }
}
