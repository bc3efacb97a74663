using Hpc.Numerics.Eigen;

namespace Hpc.Numerics.Tests.Eigen;

public class SymmetricEigensolversTests
{
    [Fact]
    public void AutomaticChoiceIsTheFirstUsableCandidate()
    {
        IReadOnlyList<EigensolverCandidate> candidates = SymmetricEigensolvers.Candidates();
        Assert.Equal(["openblas", "mkl", "lapack", "managed"], candidates.Select(c => c.Name));
        EigensolverCandidate first = candidates.First(c => c.Usable);
        Assert.Equal(first.Reason, SymmetricEigensolvers.Find("auto").Description);
        Assert.Equal(first.Reason, SymmetricEigensolvers.Find(first.Name).Description);
    }

    [Theory]
    [InlineData("opnblas")]
    [InlineData("/nowhere/liblapack.so")]
    [InlineData("libc.so.6")]
    public void RefusalListsWhatWasFound(string preference)
    {
        string message = Assert.Throws<ArgumentException>(() => SymmetricEigensolvers.Find(preference)).Message;
        Assert.Contains(preference, message);
        Assert.All(SymmetricEigensolvers.Candidates(), c => Assert.Contains(c.Name, message));
    }
}
