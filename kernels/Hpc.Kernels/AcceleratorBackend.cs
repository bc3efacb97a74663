using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Descent;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Krylov;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Threading;
using ILGPU;

namespace Hpc.Kernels;

/// <summary><see cref="IBackend"/> on an accelerator. What it creates is used by one thread at a time.</summary>
/// <param name="device">The accelerator, which it does not own.</param>
public sealed class AcceleratorBackend(ComputeDevice device) : IBackend
{
    public string Description => $"{device.Info.Name} ({device.Info.Description})";

    public IReadOnlyDictionary<string, string> Versions { get; } = new Dictionary<string, string>
    {
        ["ilgpu"] = typeof(Context).Assembly.GetName().Version!.ToString(),
        ["driver"] = $"{device.Info.Driver}, {device.Info.Version}",
        ["products"] = device.CuBlas is { } library ? $"own kernels, cuBLAS {library.Version} where they are plain" : "own kernels",
    };

    /// <summary>Memory of the fresh-noise model.</summary>
    public static DeviceMemory FreshNoiseMemory(ModelSpec model, bool single) => single
        ? AcceleratorFreshNoiseModel<float, Tanh>.Memory(model.Features, model.Dimension, model.Samples)
        : AcceleratorFreshNoiseModel<double, Tanh>.Memory(model.Features, model.Dimension, model.Samples);

    /// <summary>Memory of exact covariances of which so many are on the device at a time.</summary>
    public static DeviceMemory CovarianceMemory(ModelSpec model, bool single, int kept) => single
        ? AcceleratorExactCovariances<float, Tanh>.Memory(model.Features, model.Dimension, model.Samples, kept)
        : AcceleratorExactCovariances<double, Tanh>.Memory(model.Features, model.Dimension, model.Samples, kept);

    /// <summary>Memory of feature vectors and of products with them.</summary>
    public static DeviceMemory FeatureMemory(ModelSpec model, bool single, int draws) => single
        ? AcceleratorFeatures<float>.Memory(model.Features, (long)model.Samples * draws)
        : AcceleratorFeatures<double>.Memory(model.Features, (long)model.Samples * draws);

    /// <summary>Memory of the Krylov spaces of a number of single vectors.</summary>
    public static DeviceMemory QuadratureMemory(ModelSpec model, int steps, int probes)
    {
        DeviceMemory one = AcceleratorVectors<double>.Memory(steps, model.Features, rows: 1);
        return one with { Total = probes * one.Total };
    }

    /// <summary>Memory of the Krylov space of a block and of its restarts.</summary>
    public static DeviceMemory BasisMemory(ModelSpec model, int capacity) =>
        AcceleratorVectors<double>.Memory(capacity, model.Features, AcceleratorVectors<double>.CombinedRows);

    /// <exception cref="DeviceException">The device lacks double precision and <paramref name="single"/> is false.</exception>
    public IFreshNoiseModel CreateFreshNoise(Realization realization, ForwardProcess forward, double learningRate, bool single, ThreadTeam team)
    {
        device.Bind();
        return (single, realization.Model.Activation) switch
        {
            (true, Activation.Tanh) => new AcceleratorFreshNoiseModel<float, Tanh>(device.Library<float>(), realization, forward, learningRate),
            (true, Activation.Erf) => new AcceleratorFreshNoiseModel<float, Erf>(device.Library<float>(), realization, forward, learningRate),
            (true, _) => new AcceleratorFreshNoiseModel<float, Relu>(device.Library<float>(), realization, forward, learningRate),
            (_, Activation.Tanh) => new AcceleratorFreshNoiseModel<double, Tanh>(device.Library<double>(), realization, forward, learningRate),
            (_, Activation.Erf) => new AcceleratorFreshNoiseModel<double, Erf>(device.Library<double>(), realization, forward, learningRate),
            _ => new AcceleratorFreshNoiseModel<double, Relu>(device.Library<double>(), realization, forward, learningRate),
        };
    }

    /// <exception cref="DeviceException">The device lacks double precision.</exception>
    public IExactCovariances CreateCovariances(Realization realization, ForwardProcess forward, bool single, ThreadTeam team)
    {
        device.Bind();
        KernelLibrary<double> wide = device.Library<double>();
        return (single, realization.Model.Activation) switch
        {
            (true, Activation.Tanh) => new AcceleratorExactCovariances<float, Tanh>(wide, device.Library<float>(), realization, forward),
            (true, Activation.Erf) => new AcceleratorExactCovariances<float, Erf>(wide, device.Library<float>(), realization, forward),
            (true, _) => new AcceleratorExactCovariances<float, Relu>(wide, device.Library<float>(), realization, forward),
            (_, Activation.Tanh) => new AcceleratorExactCovariances<double, Tanh>(wide, wide, realization, forward),
            (_, Activation.Erf) => new AcceleratorExactCovariances<double, Erf>(wide, wide, realization, forward),
            _ => new AcceleratorExactCovariances<double, Relu>(wide, wide, realization, forward),
        };
    }

    /// <exception cref="NotSupportedException">Features are to be made again at every product, which is for the processor.</exception>
    public FeatureStorage Storage(FeatureStorage planned)
    {
        device.Bind();
        return planned == FeatureStorage.Single ? new AcceleratorStorage<float>(device)
            : planned == FeatureStorage.Double ? new AcceleratorStorage<double>(device)
            : throw new NotSupportedException("On a device features are kept: plan for single or double precision.");
    }
}
