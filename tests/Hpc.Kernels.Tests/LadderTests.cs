using Hpc.Kernels.Ladder;

namespace Hpc.Kernels.Tests;

[Collection("devices")]
public class LadderTests
{
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
