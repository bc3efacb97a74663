using Hpc.Kernels.Devices;
using Hpc.Kernels.Products;

namespace Hpc.Kernels.Tests;

/// <summary>When a library computes a product, and what is said of it.</summary>
public class ProductEngineTests
{
    [Theory]
    [InlineData(DeviceKind.Cuda, true, true, true)]
    [InlineData(DeviceKind.Cuda, true, false, false)]
    [InlineData(DeviceKind.Cuda, false, true, false)]
    [InlineData(DeviceKind.OpenCl, true, true, false)]
    [InlineData(DeviceKind.IlgpuCpu, true, true, false)]
    public void CuBLAS_computes_plain_products_on_CUDA_where_it_is_found(DeviceKind kind, bool found, bool plain, bool library) =>
        Assert.Equal(library, ProductEngines.Choose(kind, found, plain) == ProductEngine.CuBlas);

    [Fact]
    public void The_newest_cuBLAS_that_the_binding_knows_is_named_or_that_there_is_none()
    {
        Assert.Contains("cuBLAS (libcublas.so.12)", CuBlasLibrary.Describe(_ => true));
        Assert.Contains("cuBLAS (libcublas.so.11)", CuBlasLibrary.Describe(file => file is "libcublas.so.11" or "libcublas.so.13"));
        string none = CuBlasLibrary.Describe(file => file == "libcublas.so.13");
        Assert.Contains("own kernels", none);
        Assert.Contains("libcublas.so.12", none);
    }
}
