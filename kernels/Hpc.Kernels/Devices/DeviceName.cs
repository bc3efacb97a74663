using System.Globalization;

namespace Hpc.Kernels.Devices;

/// <summary>A device as it is named on the command line: <c>cpu</c>, <c>cuda[:i]</c>, <c>opencl[:i]</c> or <c>ilgpu-cpu</c>.</summary>
/// <param name="Kind">How it computes.</param>
/// <param name="Index">Which of several; null where none was given.</param>
public readonly record struct DeviceName(DeviceKind Kind, int? Index = null)
{
    private static readonly (string Text, DeviceKind Kind, bool Indexed)[] Names =
    [
        ("cpu", DeviceKind.Cpu, false),
        ("cuda", DeviceKind.Cuda, true),
        ("opencl", DeviceKind.OpenCl, true),
        ("ilgpu-cpu", DeviceKind.IlgpuCpu, false),
    ];

    /// <summary>Reads a name.</summary>
    /// <exception cref="DeviceException">The text names no device.</exception>
    public static DeviceName Parse(string text)
    {
        string[] parts = text.Split(':');
        foreach ((string name, DeviceKind kind, bool indexed) in Names)
        {
            if (parts[0] == name && parts.Length == 1)
            {
                return new DeviceName(kind);
            }

            if (parts[0] == name && indexed && parts.Length == 2
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                return new DeviceName(kind, index);
            }
        }

        throw new DeviceException(
            $"'{text}' is not a device: give cpu, cuda, cuda:0, opencl, opencl:0 or ilgpu-cpu "
            + "('hpc devices' lists those of this machine).");
    }

    public override string ToString()
    {
        DeviceKind kind = Kind;
        string text = Names.First(n => n.Kind == kind).Text;
        return Index is int index ? string.Create(CultureInfo.InvariantCulture, $"{text}:{index}") : text;
    }
}
