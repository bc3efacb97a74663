using System.Numerics.Tensors;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Model;

/// <summary>
/// One draw of everything that a seed fixes: the first layer, the centroids and the training samples (theory.md section 1).
/// Every number is a function of (seed, purpose, index), so that any part can be drawn anywhere.
/// </summary>
public sealed class Realization : IDisposable
{
    private static readonly Kernel Normals = Kernel.Of<double>("normals");

    private readonly FirstLayer layer;
    private readonly bool ownsLayer;

    /// <param name="model">N, P, M, classes.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="team">Threads to draw with.</param>
    /// <param name="reduction">Ranks that share the features, each with its own rows of W; null for all in this process.</param>
    /// <exception cref="OutOfMemoryException">W and the data, 8 (P + M + K) N bytes, do not fit.</exception>
    /// <exception cref="ArgumentException">More ranks than features.</exception>
    public Realization(ModelSpec model, long seed, ThreadTeam team, IReduction? reduction = null)
        : this(model, seed, new FirstLayer(model.Dimension, model.Features, seed, team, reduction), team) => ownsLayer = true;

    /// <summary>A realization with a first layer that others use, too.</summary>
    /// <param name="model">N, P, M, classes.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="layer">W of this seed, which is not disposed with this.</param>
    /// <param name="team">Threads to draw with.</param>
    /// <exception cref="OutOfMemoryException">The data, 8 (M + K) N bytes, do not fit.</exception>
    public Realization(ModelSpec model, long seed, FirstLayer layer, ThreadTeam team)
    {
        Model = model;
        this.layer = layer;
        Seed = (uint)seed;
        ClassSizes = Mixture.ClassSizes(model);
        ClassStarts = new int[ClassSizes.Length];
        for (int c = 1; c < ClassStarts.Length; c++)
        {
            ClassStarts[c] = ClassStarts[c - 1] + ClassSizes[c - 1];
        }

        Samples = new Matrix<double>(model.Samples, model.Dimension);
        Centroids = new Matrix<double>(model.Classes.Count, model.Dimension);
        double numbers = (double)model.Samples * model.Dimension;
        using KernelScope scope = Normals.Enter(numbers, sizeof(double) * numbers);
        PlaceCentroids();
        DrawSamples(new RandomStream(Seed, StreamPurpose.TrainingData), team);
    }

    public ModelSpec Model { get; }

    public uint Seed { get; }

    /// <summary>M_c.</summary>
    public int[] ClassSizes { get; }

    /// <summary>Index of the first training sample of each class.</summary>
    public int[] ClassStarts { get; }

    /// <summary>The rows of W that are here, and with them the components of vectors of features.</summary>
    public RowShare Features => layer.Share;

    /// <summary>W, P×N: the rows that are here.</summary>
    public Matrix<double> FirstLayer => layer.Weights;

    /// <summary>x^μ, M×N, class after class.</summary>
    public Matrix<double> Samples { get; }

    /// <summary>m_c, K×N, with m_c·m_c'/N equal to the Gram matrix.</summary>
    public Matrix<double> Centroids { get; }

    /// <summary>Norms and correlations of the rows of W, computed at the first call: 8P² bytes.</summary>
    public NeuronGeometry Geometry(ThreadTeam team) => layer.Geometry(team);

    /// <summary>All rows of W, drawn at the first call where they are not here already: 8PN bytes.</summary>
    public Matrix<double> WholeFirstLayer(ThreadTeam team) => layer.Whole(team);

    /// <summary>Fills <paramref name="rows"/> (n×N) with rows first, first + 1, … of W.</summary>
    public void DrawFirstLayer(int first, Matrix<double> rows, ThreadTeam team) => layer.Draw(first, rows, team);

    /// <summary>Fills <paramref name="rows"/> (n×N) with fresh samples first, first + 1, … of class <paramref name="c"/>, none of them a training sample.</summary>
    public void DrawTestSamples(int c, long first, Matrix<double> rows)
    {
        using KernelScope scope = Normals.Enter(rows.Length, sizeof(double) * (double)rows.Length);
        var stream = new RandomStream(Seed, StreamPurpose.TestData);
        for (int i = 0; i < rows.Rows; i++)
        {
            stream.FillNormals(c, (first + i) * Model.Dimension, rows.Row(i));
            Place(rows.Row(i), c);
        }
    }

    public void Dispose()
    {
        if (ownsLayer)
        {
            layer.Dispose();
        }

        Samples.Dispose();
        Centroids.Dispose();
    }

    private void DrawSamples(RandomStream stream, ThreadTeam team)
    {
        for (int c = 0; c < ClassSizes.Length; c++)
        {
            int start = ClassStarts[c], k = c;
            team.For(ClassSizes[c], i =>
            {
                Span<double> row = Samples.Row(start + i);
                stream.FillNormals(0, (long)(start + i) * Model.Dimension, row);
                Place(row, k);
            });
        }
    }

    /// <summary>Turns standard normals z into m_c + σ_c z.</summary>
    private void Place(Span<double> row, int c) =>
        TensorPrimitives.MultiplyAdd(row, Math.Sqrt(Model.Classes[c].Variance), Centroids.Row(c), row);

    /// <summary>m_c = √N Σ_k L_ck e_k, with Gram = L Lᵀ and e_k orthonormal, drawn from their own stream.</summary>
    private void PlaceCentroids()
    {
        double[][] factor = Gram.Factor(Model.CentroidGram);
        int rank = factor[0].Length;
        if (rank == 0)
        {
            return;
        }

        int n = Model.Dimension;
        var stream = new RandomStream(Seed, StreamPurpose.Centroids);
        var basis = new double[rank][];
        for (int k = 0; k < rank; k++)
        {
            basis[k] = new double[n];
            stream.FillNormals(0, (long)k * n, basis[k]);

            // Twice is enough: the second pass removes what rounding left of the first.
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < k; j++)
                {
                    double overlap = TensorPrimitives.Dot<double>(basis[j], basis[k]);
                    TensorPrimitives.MultiplyAdd(basis[j], -overlap, basis[k], basis[k]);
                }
            }

            double norm = TensorPrimitives.Norm<double>(basis[k]);
            TensorPrimitives.Divide(basis[k], norm, basis[k]);
            for (int c = 0; c < Model.Classes.Count; c++)
            {
                TensorPrimitives.MultiplyAdd(basis[k], Math.Sqrt(n) * factor[c][k], Centroids.Row(c), Centroids.Row(c));
            }
        }
    }
}
