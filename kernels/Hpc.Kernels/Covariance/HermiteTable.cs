namespace Hpc.Kernels.Covariance;

/// <summary>
/// A Gauss–Hermite rule for averages over z ~ N(0, 1) with the Hermite polynomials at its nodes (theory.md section 2).
/// </summary>
internal sealed class HermiteTable
{
    /// <summary>Tabulates w_q He_k(z_q)/√(k!) by the orthonormal recurrence √k p_k = z p_(k−1) − √(k−1) p_(k−2).</summary>
    /// <param name="nodes">z_q.</param>
    /// <param name="weights">w_q, which sum to 1.</param>
    /// <param name="orders">Number of orders k = 0 … orders − 1.</param>
    /// <exception cref="ArgumentException">There are not as many weights as nodes.</exception>
    public HermiteTable(double[] nodes, double[] weights, int orders)
    {
        if (nodes.Length != weights.Length)
        {
            throw new ArgumentException($"There are {nodes.Length} nodes and {weights.Length} weights: give one weight a node.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(orders, 1);
        (Nodes, Weights, Values) = (nodes, weights, new double[orders, nodes.Length]);
        for (int q = 0; q < nodes.Length; q++)
        {
            double before = 0, current = weights[q];
            for (int k = 0; k < orders; k++)
            {
                Values[k, q] = current;
                (before, current) = (current, (nodes[q] * current - Math.Sqrt(k) * before) / Math.Sqrt(k + 1));
            }
        }
    }

    public int Orders => Values.GetLength(0);

    internal double[] Nodes { get; }

    internal double[] Weights { get; }

    /// <summary>w_q He_k(z_q)/√(k!), indexed by k and q.</summary>
    internal double[,] Values { get; }
}
