using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>The compiled kernels of one kind of product.</summary>
/// <param name="Direct"><see cref="ProductKernel.Run"/>.</param>
/// <param name="Slice"><see cref="ProductKernel.RunSlice"/>.</param>
/// <param name="Sum"><see cref="SumSlicesKernel.Run"/>.</param>
internal sealed record ProductLaunchers<T>(
    Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T> Direct,
    Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int> Slice,
    Action<KernelConfig, DeviceView<T>, int, DeviceView<T>, DeviceView<T>, T, T> Sum)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
