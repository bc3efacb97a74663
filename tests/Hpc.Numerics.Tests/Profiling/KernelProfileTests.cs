using Hpc.Numerics.Eigen;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Profiling;

[Collection(ProfilingCollection.Name)]
public class KernelProfileTests
{
    /// <summary>Both times of a call come from the same clock readings: sums differ by the rounding of a few hundred additions.</summary>
    private const double Rounding = 1e-12;

    private static readonly Kernel Outer = Kernel.Of<double>("outer"), Inner = Kernel.Of<double>("inner"), Leaf = Kernel.Of<float>("leaf");

    [Fact]
    public void CountsTheOperationsOfAProduct()
    {
        using var team = new ThreadTeam(2);
        using Matrix<float> a = new(30, 7), b = new(7, 11), c = new(30, 11);
        using var profile = new KernelProfile();
        Gemm.Multiply(team, 1, a.View, b.View, 0, c.View);
        Gemm.Multiply(team, 1, a.View, b.View, 0, c.View);
        Gemm.Multiply(team, 1, b.Transposed, a.Transposed, 1, c.Transposed);
        KernelTotals gemm = Assert.Single(profile.Kernels);
        Assert.Equal(("gemm", "single", 3), (gemm.Name, gemm.Precision, gemm.Calls));
        Assert.Equal(3 * 2.0 * 30 * 7 * 11, gemm.Flops);
        Assert.Equal(4.0 * (3 * (30 * 7 + 7 * 11 + 30 * 11) + 30 * 11), gemm.Bytes);
        Assert.True(gemm.Seconds > 0);
        Assert.Equal(gemm.Seconds, gemm.SelfSeconds, Rounding);
    }

    [Fact]
    public void CountsWhatTheOtherKernelsAreDefinedToDo()
    {
        const int n = 40, k = 9;
        using var team = new ThreadTeam(1);
        using Matrix<double> a = new(n, k), c = new(n, n), y = new(n, k);
        a.Span.Fill(1);
        using (var profile = new KernelProfile())
        {
            Syrk.Multiply(team, 1, a.View, 0, c.View);
            KernelTotals syrk = Assert.Single(profile.Kernels);
            Assert.Equal(("syrk", "double", (double)n * (n + 1) * k, 8.0 * (n * k + n * n)), (syrk.Name, syrk.Precision, syrk.Flops, syrk.Bytes));
        }

        using (var profile = new KernelProfile())
        {
            new DenseOperator(c, team).Apply(a.View, y.View);
            KernelTotals product = profile.Kernels.Single(kernel => kernel.Name == "dense-operator"), gemm = profile.Kernels.Single(kernel => kernel.Name == "gemm");
            Assert.Equal((2.0 * n * n * k, 8.0 * (n * n + 2 * n * k)), (product.Flops, product.Bytes));
            Assert.Equal((product.Flops, product.Bytes), (gemm.Flops, gemm.Bytes));
            Assert.Equal(product.Seconds, product.SelfSeconds + gemm.Seconds, Rounding);
        }

        using (var profile = new KernelProfile())
        {
            new ManagedEigensolver().Decompose(c, new double[n], vectors: true, threads: 1);
            KernelTotals eigensystem = Assert.Single(profile.Kernels);
            Assert.Equal("eigensystem", eigensystem.Name);
            Assert.Equal(14.0 / 3 * n * n * n, eigensystem.Flops, 1e-9);
        }

        using (var profile = new KernelProfile())
        {
            double[] start = new double[n];
            start[0] = start[1] = 1;
            (_, Convergence convergence) = LargestEigenvalue.Compute((x, image) => x.CopyTo(image), start, 1e-6, 5);
            Assert.Equal(convergence.Iterations, Assert.Single(profile.Kernels).Calls);
        }
    }

    [Fact]
    public void ATotalIsTheKernelItselfAndWhatItCalls()
    {
        using var profile = new KernelProfile();
        for (int i = 0; i < 3; i++)
        {
            using KernelScope outer = Outer.Enter(0, 1);
            Thread.SpinWait(1000);
            for (int j = 0; j < 2; j++)
            {
                using KernelScope inner = Inner.Enter(5, 1);
                Thread.SpinWait(1000);
                using KernelScope leaf = Leaf.Enter(7, 1);
                Thread.SpinWait(1000);
            }
        }

        Dictionary<string, KernelTotals> kernels = profile.Kernels.ToDictionary(k => k.Name);
        Assert.Equal((3, 6, 6), (kernels["outer"].Calls, kernels["inner"].Calls, kernels["leaf"].Calls));
        Assert.Equal((0, 30, 42), (kernels["outer"].Flops, kernels["inner"].Flops, kernels["leaf"].Flops));
        Assert.Equal(kernels["outer"].Seconds, kernels["outer"].SelfSeconds + kernels["inner"].Seconds, Rounding);
        Assert.Equal(kernels["inner"].Seconds, kernels["inner"].SelfSeconds + kernels["leaf"].Seconds, Rounding);
        Assert.Equal(kernels["outer"].Seconds, kernels.Values.Sum(k => k.SelfSeconds), Rounding);
        Assert.All(kernels.Values, k => Assert.True(k.SelfSeconds > 0));
    }

    [Fact]
    public void AKernelThatFailsIsCountedAndLeavesTheOthersRight()
    {
        using var profile = new KernelProfile();
        using (Outer.Enter(0, 1))
        {
            Assert.Throws<InvalidOperationException>(Fail);
        }

        Dictionary<string, KernelTotals> kernels = profile.Kernels.ToDictionary(k => k.Name);
        Assert.Equal(1, kernels["inner"].Calls);
        Assert.Equal(kernels["outer"].Seconds, kernels["outer"].SelfSeconds + kernels["inner"].Seconds, Rounding);

        static void Fail()
        {
            using KernelScope inner = Inner.Enter(0, 1);
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void ThreadsHaveStacksOfTheirOwn()
    {
        using var profile = new KernelProfile();
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                using KernelScope outer = Outer.Enter(1, 1);
                using KernelScope inner = Inner.Enter(1, 1);
                Thread.Yield();
            }
        }))];
        using (Leaf.Enter(0, 1))
        {
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
        }

        Dictionary<string, KernelTotals> kernels = profile.Kernels.ToDictionary(k => k.Name);
        Assert.Equal((200, 200, 1), (kernels["outer"].Calls, kernels["inner"].Calls, kernels["leaf"].Calls));
        Assert.Equal(kernels["outer"].Seconds, kernels["outer"].SelfSeconds + kernels["inner"].Seconds, Rounding);

        // What other threads do meanwhile is no time of the kernels that this one calls.
        Assert.Equal(kernels["leaf"].Seconds, kernels["leaf"].SelfSeconds, Rounding);
    }

    [Fact]
    public void CallsAllocateNothingWhileNobodyListens()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = new(8, 8), c = new(8, 8);
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Run();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run()
        {
            using KernelScope outer = Outer.Enter(1, 1);
            Gemm.Multiply(team, 1, a.View, a.View, 0, c.View);
            Syrk.Multiply(team, 1, a.View, 0, c.View);
        }
    }

    /// <summary>Times are summed as they are measured, so that a table costs no memory however many calls there are.</summary>
    [Fact]
    public void ACounterAllocatesNothingACall()
    {
        using var profile = new KernelProfile();
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Run();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1001, Assert.Single(profile.Kernels).Calls);

        static void Run()
        {
            using KernelScope outer = Outer.Enter(1, 1);
        }
    }

    [Fact]
    public void NothingIsHeardAfterTheEnd()
    {
        var profile = new KernelProfile();
        profile.Dispose();
        using (Outer.Enter(1, 1))
        {
        }

        Assert.Empty(profile.Kernels);
    }
}
