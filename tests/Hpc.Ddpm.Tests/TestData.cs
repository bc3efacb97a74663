using System.Runtime.CompilerServices;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Torch;

namespace Hpc.Ddpm.Tests;

/// <summary>The real data sets, read once; tests that need them are skipped where they are absent.</summary>
internal static class TestData
{
    private static readonly Lazy<ImageDataset?> Fashion = new(() => Load(DatasetInfo.FashionMnist));

    private static readonly Lazy<ImageDataset?> Digits = new(() => Load(DatasetInfo.Mnist));

    public static ImageDataset FashionMnist => Present(Fashion.Value);

    public static ImageDataset Mnist => Present(Digits.Value);

    /// <summary>The folder of the files of Fashion-MNIST.</summary>
    public static string FashionMnistFolder
    {
        get
        {
            string? folder = ImageDataset.Find(DatasetInfo.FashionMnist, null);
            Assert.SkipWhen(folder is null, "Fashion-MNIST is not here");
            return folder!;
        }
    }

    [ModuleInitializer]
    internal static void LoadTorch()
    {
        NativeTorch.Load();
        TorchSharp.torch.set_num_threads(1);
    }

    private static ImageDataset? Load(DatasetInfo info) => ImageDataset.Find(info, null) is null ? null : ImageDataset.Load(info, null);

    private static ImageDataset Present(ImageDataset? data)
    {
        Assert.SkipWhen(data is null, "the data set is not here");
        return data!;
    }
}
