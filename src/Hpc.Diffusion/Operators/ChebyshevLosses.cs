using Hpc.Diffusion.Measurement;

namespace Hpc.Diffusion.Operators;

/// <summary>Losses of a <see cref="ChebyshevDescent"/>.</summary>
/// <param name="Train">L_train^c.</param>
/// <param name="Test">L_test^c.</param>
/// <param name="Degree">Largest degree of a series: products with U for each column of V.</param>
/// <param name="Deflated">Number of eigenvectors that were treated in closed form; 0 where the spectrum has no gap.</param>
/// <param name="ErrorBound">Bound on the error of every loss by truncation of the series.</param>
public sealed record ChebyshevLosses(ClassLosses Train, ClassLosses Test, int Degree, int Deflated, double ErrorBound);
