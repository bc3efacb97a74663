namespace Hpc.Theory;

/// <summary>How a solution was reached.</summary>
/// <param name="Evaluations">Evaluations of the equations, those of continuation included.</param>
/// <param name="Residual">Largest relative difference between the two sides of the equations.</param>
public readonly record struct Convergence(int Evaluations, double Residual);
