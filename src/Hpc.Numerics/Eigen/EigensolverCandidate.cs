namespace Hpc.Numerics.Eigen;

/// <summary>A solver that was looked for.</summary>
/// <param name="Name">Name by which <see cref="SymmetricEigensolvers.Find"/> takes it.</param>
/// <param name="Usable">Whether it was found and gives correct results.</param>
/// <param name="Reason">Its description if usable, otherwise why not.</param>
public sealed record EigensolverCandidate(string Name, bool Usable, string Reason);
