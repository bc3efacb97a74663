using Hpc.Numerics.Profiling;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Profiling;

[Collection(ProfilingCollection.Name)]
public class MachinePeakTests
{
    /// <summary>No processor is slower than a multiply-add a clock at 0.5 GHz, or faster than 4 clocks of 16 lanes at 8 GHz a thread.</summary>
    [Fact]
    public void FindsLimitsThatAProcessorCanHave()
    {
        using var team = new ThreadTeam(1);
        MachineLimits limits = MachinePeak.Measure(team);
        Assert.InRange(limits.DoubleFlops, 1e9, 1e12);
        Assert.InRange(limits.SingleFlops, 1e9, 2e12);
        Assert.InRange(limits.Bandwidth, 1e8, 1e12);

        // Registers hold twice as many single-precision numbers; the margin is for a machine that others use.
        double ratio = SimdSupport.Widest == SimdWidth.Scalar ? 1 : 2;
        Assert.InRange(limits.SingleFlops / limits.DoubleFlops, ratio / 1.4, ratio * 1.4);
    }

    [Fact]
    public void TheRoofIsTheLongerOfArithmeticAndMemory()
    {
        var limits = new MachineLimits(SingleFlops: 200e9, DoubleFlops: 100e9, Bandwidth: 10e9);
        var dense = new KernelTotals("a", "double", 1, 4, 4, Flops: 200e9, Bytes: 1e9);
        Assert.True(dense.IsComputeBound(limits));
        Assert.Equal(0.5, dense.RoofFraction(limits), 1e-15);
        Assert.Equal(0.25, (dense with { Precision = "single" }).RoofFraction(limits), 1e-15);
        var thin = new KernelTotals("b", "double", 1, 2, 2, Flops: 5e9, Bytes: 10e9);
        Assert.False(thin.IsComputeBound(limits));
        Assert.Equal(0.5, thin.RoofFraction(limits), 1e-15);
        Assert.Equal((2.5e9, 5e9, 0.5), (thin.FlopRate, thin.ByteRate, thin.Intensity));
    }
}
