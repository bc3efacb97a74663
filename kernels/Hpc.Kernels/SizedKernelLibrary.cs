using System.Numerics;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Descent;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Kernels.Sampling;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels;

/// <summary>The library for one choice of block sizes.</summary>
internal sealed class SizedKernelLibrary<T, TBlocks, TRegisters, TPrecision>(ComputeDevice device) : KernelLibrary<T>(
    device,
    new BlockShape(
        TBlocks.Edge, TBlocks.Depth, TBlocks.Edge / TRegisters.Edge * (TBlocks.Edge / TRegisters.Edge), TBlocks.GroupSize))
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TBlocks : struct, IBlockSizes
    where TRegisters : struct, IRegisterTile<T>
    where TPrecision : struct, IPrecision<T>
{
    public override Product<T> LoadProduct<TLeft, TRight, TEpilogue>(int? wantedGroups = null, IColumnMajorProduct<T>? library = null)
    {
        var launchers = new ProductLaunchers<T>(
            Once(
                "product", typeof((TLeft, TRight, TEpilogue)),
                () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T>(
                    ProductKernel.Run<T, TBlocks, TRegisters, TLeft, TRight, TEpilogue>)),
            Once(
                "slice", typeof((TLeft, TRight)),
                () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int>(
                    ProductKernel.RunSlice<T, TBlocks, TRegisters, TLeft, TRight>)),
            Once(
                "sum", typeof(TEpilogue),
                () => Accelerator.LoadStreamKernel<DeviceView<T>, int, DeviceView<T>, T, T>(SumSlicesKernel.Run<T, TEpilogue>)),
            Once(
                nameof(ClearPaddingKernel), typeof(void), () => Accelerator.LoadStreamKernel<DeviceView<T>>(ClearPaddingKernel.Run)),
            typeof(TLeft) == typeof(AlongRows),
            typeof(TRight) == typeof(AlongRows));
        bool plain = typeof(TEpilogue) == typeof(Linear<T>);
        library ??= ProductEngines.Choose(Device.Info.Name.Kind, Device.CuBlas is not null, plain) == ProductEngine.CuBlas
            ? (IColumnMajorProduct<T>)(object)Device.CuBlas!
            : null;
        return wantedGroups is int groups
            ? new Product<T>(Accelerator, launchers, Shape, library) { WantedGroups = groups }
            : new Product<T>(Accelerator, launchers, Shape, library);
    }

    public override Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, T> LoadMehlerSyrk() => Once(
        nameof(MehlerSyrkKernel), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, int, T>(MehlerSyrkKernel.Run<T, TBlocks, TRegisters>));

    public override Action<KernelConfig, DeviceView<T>, long, DeviceView<T>, DeviceView<T>, T, T, NormalsRange> LoadNoisedSamples() => Once(
        nameof(NoisedSamplesKernel), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, long, DeviceView<T>, DeviceView<T>, T, T, NormalsRange>(
            NoisedSamplesKernel.Run<T, TPrecision>));

    public override Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T> LoadSampleErrors() => Once(
        nameof(SampleErrorsKernel), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, T, T>(SampleErrorsKernel.Run<T, TBlocks>));

    public override Action<KernelConfig, DeviceView<T>, DeviceView<T>, T, T> LoadRowSums<TSummand>() => Once(
        nameof(RowSumsKernel), typeof(TSummand),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, T, T>(RowSumsKernel.Run<T, TBlocks, TSummand>));

    public override Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int>
        LoadReluCoefficients() => Once(
        nameof(ReluCoefficientsKernel), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int>(
            ReluCoefficientsKernel.Run<T, TPrecision>));

    public override Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int> LoadRemainder() => Once(
        nameof(RemainderKernel), typeof(void),
        () => Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>, DeviceView<T>, int>(RemainderKernel.Run<T, TBlocks>));
}
