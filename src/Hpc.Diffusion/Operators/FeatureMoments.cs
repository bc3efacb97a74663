using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Fills columns first, first + 1, … of V into a P×k block.</summary>
public delegate void CorrelationColumns(int first, MatrixView<double> block);

/// <summary>U = E[φφᵀ] as an operator and V = E[φξᵀ] by columns (theory.md section 1).</summary>
/// <param name="Covariance">U, P×P.</param>
/// <param name="Correlation">V, P×N.</param>
public sealed record FeatureMoments(ISymmetricOperator Covariance, CorrelationColumns Correlation);
