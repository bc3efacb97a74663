using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// Projects every new block against the whole basis, twice: orthogonality to rounding (Giraud, Langou and Rozložník, 2005), at 8 n k flops
/// per basis vector.
/// </summary>
public sealed class FullReorthogonalization : IReorthogonalization
{
    public void Apply(KrylovBasis basis, MatrixView<double> block) => basis.Project(0, basis.Count, block, passes: 2).Dispose();
}
