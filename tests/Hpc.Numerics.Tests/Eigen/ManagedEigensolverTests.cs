using Hpc.Numerics.Eigen;

namespace Hpc.Numerics.Tests.Eigen;

public class ManagedEigensolverTests : SymmetricEigensolverTests
{
    protected override ISymmetricEigensolver Solver => SymmetricEigensolvers.Find("managed");
}
