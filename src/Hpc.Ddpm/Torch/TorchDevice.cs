using System.Globalization;
using Hpc.Cli;
using Hpc.Cluster;
using TorchSharp;

namespace Hpc.Ddpm.Torch;

/// <summary>Where libtorch computes.</summary>
internal static class TorchDevice
{
    /// <summary>The device of an option.</summary>
    /// <param name="option">cpu, cuda or cuda:i.</param>
    /// <param name="communicator">Without an index the ranks of a machine take its devices in turn.</param>
    /// <exception cref="UsageException">It is none, or libtorch cannot use it.</exception>
    public static torch.Device Find(string option, ICommunicator communicator)
    {
        string[] parts = option.ToLowerInvariant().Split(':');
        if (parts is ["cpu"])
        {
            return torch.CPU;
        }

        int index = 0;
        if (parts is not ["cuda"] && !(parts is ["cuda", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out index)))
        {
            throw new UsageException($"--device is '{option}'; allowed is cpu, cuda or cuda:i");
        }

        int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (count == 0)
        {
            throw new UsageException(
                $"--device is '{option}', and this libtorch finds no CUDA device: use cpu, or build with a libtorch for CUDA: dotnet build -c Release src/Hpc.Ddpm -p:LibTorch=DIR, DIR with its libtorch.so");
        }

        return index < count
            ? new torch.Device(DeviceType.CUDA, parts.Length == 1 ? communicator.LocalRank % count : index)
            : throw new UsageException($"--device is '{option}'; there are {count} CUDA devices, numbered from 0");
    }

    /// <summary>Its name for a reader.</summary>
    public static string Describe(torch.Device device) => device.type == DeviceType.CPU ? "cpu" : $"cuda:{device.index}";
}
