using Hpc.Kernels.Devices;
using Hpc.Kernels.Ladder;

namespace Hpc.Kernels.Tests;

[Collection("devices")]
public class LadderTests
{
    [Fact]
    public void The_last_rung_is_cuBLAS_where_it_is_there()
    {
        ComputeDevice device = TestDevices.Open("opencl:0");
        IReadOnlyList<Rung> rungs = ProductLadder.Run(device, 35, 18, 9, new ReferenceGemm<float>(device.Accelerator));
        Assert.Equal(ProductLadder.CuBlas, rungs[^1].Name);
        Assert.Equal(7, rungs.Count);
        Assert.InRange(rungs[^1].Error, 0, 2);
    }

    /// <summary>Rounding of a sum of k terms is at most k·ε of their magnitudes; the two orders of summation each have their own.</summary>
    [Fact]
    public void Every_rung_agrees_with_the_SIMD_path()
    {
        IReadOnlyList<Rung> rungs = ProductLadder.Run<float>(TestDevices.Open("opencl:0"), 131, 70, 45);
        Assert.Equal(6, rungs.Count);
        Assert.All(rungs, rung => Assert.InRange(rung.Error, 0, 2));
        Assert.All(rungs, rung => Assert.True(rung.Seconds > 0 && rung.Gflops > 0));
    }
}
