using Hpc.Kernels.Devices;

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

    [Fact]
    public void Ranks_of_one_machine_take_devices_in_turn()
    {
        int count = DeviceCatalog.List().Count(d => d.Name.Kind == DeviceKind.OpenCl && d.IsUsable);
        TestDevices.Require("opencl");
        Assert.Equal(DeviceCatalog.Find(DeviceName.Parse("opencl"), 0).Name, DeviceCatalog.Find(DeviceName.Parse("opencl"), count).Name);
    }
}
