using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>The compiled kernels of one kind of product.</summary>
/// <param name="Direct"><see cref="ProductKernel.Run"/>.</param>
/// <param name="Slice"><see cref="ProductKernel.RunSlice"/>.</param>
/// <param name="Sum"><see cref="SumSlicesKernel.Run"/>.</param>
/// <param name="ClearPadding"><see cref="ClearPaddingKernel.Run"/>, after a library's product.</param>
/// <param name="LeftAlongRows">Whether the first factor is one of <see cref="AlongRows"/>.</param>
/// <param name="RightAlongRows">The same of the second.</param>
internal sealed record ProductLaunchers<T>(
    Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T> Direct,
    Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int> Slice,
    Action<KernelConfig, DeviceView<T>, int, DeviceView<T>, T, T> Sum,
    Action<KernelConfig, DeviceView<T>> ClearPadding,
    bool LeftAlongRows,
    bool RightAlongRows)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
