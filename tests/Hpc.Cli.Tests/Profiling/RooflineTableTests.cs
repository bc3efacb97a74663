using Hpc.Cli.Profiling;
using Hpc.Numerics.Profiling;

namespace Hpc.Cli.Tests.Profiling;

public class RooflineTableTests
{
    [Fact]
    public void SaysWhatEachKernelTookAndWhatIsLeft()
    {
        var limits = new MachineLimits(SingleFlops: 200e9, DoubleFlops: 100e9, Bandwidth: 10e9);
        KernelTotals[] kernels =
        [
            new("gemm", "double", 3, Seconds: 4, SelfSeconds: 4, Flops: 200e9, Bytes: 1e9),
            new("dense-operator", "double", 2, Seconds: 5, SelfSeconds: 1, Flops: 5e9, Bytes: 10e9),
            new("hdf5-write", "double", 1, Seconds: 2, SelfSeconds: 2, Flops: 0, Bytes: 1e9),
            new("device gradient", "single", 1, Seconds: 1, SelfSeconds: 1, Flops: 1e12, Bytes: 1e9),
        ];
        string[] lines = RooflineTable.Format(kernels, limits, wallSeconds: 10).TrimEnd().Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
        Assert.Equal(["gemm", "(double)", "3", "4.0000", "4.0000", "40.0", "50.00", "0.25", "200.00", "compute", "0.500"], Cells(lines[1]));
        Assert.Equal(["dense-operator", "(double)", "2", "5.0000", "1.0000", "10.0", "1.00", "2.00", "0.50", "memory", "0.200"], Cells(lines[2]));
        Assert.Equal(["hdf5-write", "(double)", "1", "2.0000", "2.0000", "20.0", "0.00", "0.50", "0.00", "memory", "0.050"], Cells(lines[3]));
        Assert.Equal(["device", "gradient", "(single)", "1", "1.0000", "1.0000", "10.0", "1000.00", "1.00", "1000.00", "device"], Cells(lines[4]));
        Assert.Equal(["outside", "kernels", "2.0000", "20.0"], Cells(lines[5]));
        Assert.Equal(lines[0].IndexOf("of roof", StringComparison.Ordinal) + "of roof".Length, lines[1].Length);
    }

    private static string[] Cells(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
