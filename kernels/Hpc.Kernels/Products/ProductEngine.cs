using Hpc.Kernels.Devices;

namespace Hpc.Kernels.Products;

/// <summary>What computes a product.</summary>
internal enum ProductEngine
{
    /// <summary><see cref="ProductKernel"/>.</summary>
    Own,

    /// <summary>NVIDIA's library.</summary>
    CuBlas,
}

/// <summary>The choice between them.</summary>
internal static class ProductEngines
{
    /// <summary>cuBLAS for products without a function of their elements, where the library works; nothing else can fuse the function.</summary>
    /// <param name="kind">Kind of the device.</param>
    /// <param name="found">Whether cuBLAS was found and started.</param>
    /// <param name="plain">Whether no function is applied to the elements.</param>
    public static ProductEngine Choose(DeviceKind kind, bool found, bool plain) =>
        kind == DeviceKind.Cuda && found && plain ? ProductEngine.CuBlas : ProductEngine.Own;
}
