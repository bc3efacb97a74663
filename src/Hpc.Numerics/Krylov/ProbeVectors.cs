using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;

namespace Hpc.Numerics.Krylov;

/// <summary>Random unit vectors, isotropic: E[zᵀ f(A) z] = tr f(A)/n.</summary>
internal static class ProbeVectors
{
    /// <summary>Probe p is step p of the stream of probe vectors of the seed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No probe, or more than n.</exception>
    public static Matrix<double> Draw(int probes, RowShare share, uint seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probes, share.Total);
        var vectors = new Matrix<double>(probes, share.Count);
        var stream = new RandomStream(seed, StreamPurpose.ProbeVectors);
        for (int p = 0; p < probes; p++)
        {
            stream.FillNormals(1 + p, share.First, vectors.Row(p));
            TensorPrimitives.Divide(vectors.Row(p), share.Norm(vectors.Row(p)), vectors.Row(p));
        }

        return vectors;
    }
}
