using Hpc.Numerics.Activations;

namespace Hpc.Kernels.Tests;

[Collection("devices")]
public class EmulationSingleKernels() : KernelTests<float, Tanh, Erf, Relu>("ilgpu-cpu");

[Collection("devices")]
public class EmulationDoubleKernels() : KernelTests<double, Tanh, Erf, Relu>("ilgpu-cpu");

[Collection("devices")]
public class OpenClSingleKernels() : KernelTests<float, Tanh, Erf, Relu>("opencl:0");

[Collection("devices")]
public class OpenClDoubleKernels() : KernelTests<double, Tanh, Erf, Relu>("opencl:0");

[Collection("devices")]
public class CudaSingleKernels() : KernelTests<float, Tanh, Erf, Relu>("cuda:0");

[Collection("devices")]
public class CudaDoubleKernels() : KernelTests<double, Tanh, Erf, Relu>("cuda:0");

[Collection("devices")]
public class EmulationSingleBackend() : BackendTests<float, Tanh>("ilgpu-cpu");

[Collection("devices")]
public class EmulationDoubleBackend() : BackendTests<double, Tanh>("ilgpu-cpu");

[Collection("devices")]
public class OpenClSingleBackend() : BackendTests<float, Tanh>("opencl:0");

[Collection("devices")]
public class OpenClDoubleBackend() : BackendTests<double, Tanh>("opencl:0");

[Collection("devices")]
public class CudaSingleBackend() : BackendTests<float, Tanh>("cuda:0");

[Collection("devices")]
public class CudaDoubleBackend() : BackendTests<double, Tanh>("cuda:0");
