using Hpc.Kernels.Devices;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Hpc.Kernels.Tests;

/// <summary>Names, the list of devices and what is refused.</summary>
[Collection("devices")]
public class DeviceTests
{
    [Theory]
    [InlineData("cpu", DeviceKind.Cpu, null)]
    [InlineData("cuda", DeviceKind.Cuda, null)]
    [InlineData("cuda:3", DeviceKind.Cuda, 3)]
    [InlineData("opencl:0", DeviceKind.OpenCl, 0)]
    [InlineData("ilgpu-cpu", DeviceKind.IlgpuCpu, null)]
    public void A_name_is_read_and_written(string text, DeviceKind kind, int? index)
    {
        Assert.Equal(new DeviceName(kind, index), DeviceName.Parse(text));
        Assert.Equal(text, DeviceName.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cpu:0")]
    [InlineData("cuda:0:1")]
    public void Another_text_is_refused_with_the_names_that_would_do(string text) =>
        Assert.Contains("ilgpu-cpu", Assert.Throws<DeviceException>(() => DeviceName.Parse(text)).Message);

    [Fact]
    public void Every_kind_is_listed_usable_or_with_a_reason()
    {
        IReadOnlyList<DeviceInfo> devices = DeviceCatalog.List();
        Assert.Equal(Enum.GetValues<DeviceKind>(), devices.Select(d => d.Name.Kind).Distinct().Order());
        Assert.All(devices, d => Assert.True(d.IsUsable ? d.MemoryBytes > 0 && d.Driver != "" && d.Version != "" : d.Problem != ""));
        Assert.All(devices.Where(d => d.Name.Kind is DeviceKind.Cpu or DeviceKind.IlgpuCpu), d => Assert.False(d.IsAccelerator));
    }

    [Fact]
    public void PoCL_is_offered_by_name_with_its_limitation_and_is_no_accelerator()
    {
        DeviceInfo[] pocl = [.. DeviceCatalog.List().Where(d => d.Driver.Contains("Portable Computing Language"))];
        Assert.SkipWhen(pocl.Length == 0, "PoCL is not installed");
        Assert.All(pocl, d => Assert.True(d.IsUsable && !d.IsAccelerator && d.Limitation != ""));
    }

    [Fact]
    public void A_device_that_is_not_there_is_an_error_that_names_others()
    {
        DeviceException exception = Assert.Throws<DeviceException>(() => ComputeDevice.Open(new DeviceName(DeviceKind.OpenCl, 99)));
        Assert.Contains("opencl:99", exception.Message);
        Assert.Contains("ilgpu-cpu", exception.Message);
    }

    [Fact]
    public void The_SIMD_path_is_no_accelerator() =>
        Assert.Throws<DeviceException>(() => ComputeDevice.Open(new DeviceName(DeviceKind.Cpu)));

    private static readonly DeviceInfo[] Machine =
    [
        Device(DeviceKind.Cpu, null), Device(DeviceKind.Cuda, 0), Device(DeviceKind.Cuda, 1, "its driver is of CUDA 9.0: update it"),
        Device(DeviceKind.Cuda, 2), Device(DeviceKind.OpenCl, null, "no loader"), Device(DeviceKind.IlgpuCpu, null),
    ];

    [Theory]
    [InlineData("cuda:2", 0, "cuda:2")]
    [InlineData("cuda", 0, "cuda:0")]
    [InlineData("cuda", 1, "cuda:2")]
    [InlineData("cuda", 2, "cuda:0")]
    [InlineData("cuda", 5, "cuda:2")]
    public void A_rank_takes_a_usable_device_of_its_machine_in_turn(string name, int localRank, string expected) =>
        Assert.Equal(DeviceName.Parse(expected), DeviceCatalog.Choose(Machine, DeviceName.Parse(name), localRank).Name);

    [Theory]
    [InlineData("cuda:1", "device cuda:1 cannot be used: its driver is of CUDA 9.0: update it.")]
    [InlineData("cuda:3", "device cuda:3 cannot be used: there are 3 of its kind.")]
    [InlineData("opencl", "device opencl cannot be used: no loader.")]
    [InlineData("opencl:1", "device opencl:1 cannot be used: no loader.")]
    public void A_device_that_cannot_be_used_is_refused_with_those_that_would_do(string name, string message) => Assert.Equal(
        $"{message} Devices that would do: cpu, cuda:0, cuda:2, ilgpu-cpu.",
        Assert.Throws<DeviceException>(() => DeviceCatalog.Choose(Machine, DeviceName.Parse(name), 0)).Message);

    [Fact]
    public void A_driver_that_is_too_old_is_told_what_it_needs()
    {
        Assert.Null(DeviceRequirements.OfCuda(CudaArchitecture.SM_90, CudaDriverVersion.FromMajorMinor(12, 4)));
        Assert.Null(DeviceRequirements.OfCuda(CudaArchitecture.SM_80, CudaDriverVersion.FromMajorMinor(11, 0)));
        string old = DeviceRequirements.OfCuda(CudaArchitecture.SM_90, CudaDriverVersion.FromMajorMinor(11, 0))!;
        Assert.StartsWith("its driver is of CUDA 11.0, SM_90 needs one of CUDA 11.8 or later", old);
        Assert.Contains("unknown", DeviceRequirements.OfCuda(null, CudaDriverVersion.FromMajorMinor(12, 4)));
        Assert.Null(DeviceRequirements.OfOpenCl(new CLCVersion(2, 0)));
        Assert.Null(DeviceRequirements.OfOpenCl(new CLCVersion(3, 0)));
        Assert.Equal("its driver compiles OpenCL C 1.2, needed is 2.0 or later: update the driver", DeviceRequirements.OfOpenCl(new CLCVersion(1, 2)));
    }

    /// <summary>On a device that is slow it ends all the same: a measurement grows only as long as it is short.</summary>
    [Theory]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl:0")]
    [InlineData("cuda:0")]
    public void Rates_are_measured_in_bounded_time(string name)
    {
        ComputeDevice device = TestDevices.Open(name);
        DeviceRates.Measure(device);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        DeviceRates rates = DeviceRates.Measure(device);
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        Assert.True(rates.SingleProducts > 0 && rates.ReadBytes > 0 && rates.DoubleProducts > 0 == device.Info.HasDoubles);
        Assert.InRange(seconds, 0, 10);
        TestContext.Current.TestOutputHelper!.WriteLine($"{rates} in {seconds:F2} s");
    }

    [Fact]
    public void Another_accelerator_than_the_one_asked_for_is_an_error()
    {
        ComputeDevice.RequireType(new DeviceName(DeviceKind.Cuda, 0), AcceleratorType.Cuda, "GPU");
        Assert.Contains("CPU instead", Assert.Throws<DeviceException>(
            () => ComputeDevice.RequireType(new DeviceName(DeviceKind.Cuda, 0), AcceleratorType.CPU, "CPUAccelerator")).Message);
        Assert.Throws<DeviceException>(() => ComputeDevice.RequireType(new DeviceName(DeviceKind.OpenCl, 0), AcceleratorType.CPU, "CPUAccelerator"));
    }

    private static DeviceInfo Device(DeviceKind kind, int? index, string? problem = null) =>
        new(new DeviceName(kind, index), "device", 1, 1, "driver", "1.0", HasDoubles: true, IsAccelerator: true, "", problem);

    [Fact]
    public void Ranks_of_one_machine_take_devices_in_turn()
    {
        int count = DeviceCatalog.List().Count(d => d.Name.Kind == DeviceKind.OpenCl && d.IsUsable);
        TestDevices.Require("opencl");
        Assert.Equal(DeviceCatalog.Find(DeviceName.Parse("opencl"), 0).Name, DeviceCatalog.Find(DeviceName.Parse("opencl"), count).Name);
    }
}
