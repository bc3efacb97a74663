namespace Hpc.Ddpm.Data;

/// <summary>One file of a data set as its publisher has it.</summary>
/// <param name="Name">Name without <c>.gz</c>.</param>
/// <param name="Bytes">Size, decompressed.</param>
/// <param name="Sha256">SHA-256 of the decompressed content, in lower-case hexadecimal digits.</param>
public sealed record DatasetFile(string Name, int Bytes, string Sha256);

/// <summary>A published set of grey pictures of 28×28 pixels in ten classes, in the IDX format of MNIST.</summary>
/// <param name="Key">Its name in a spec, and that of its folder.</param>
/// <param name="Title">Its name for a reader.</param>
/// <param name="Address">Where its files are published.</param>
/// <param name="Classes">Names of the classes, by label.</param>
/// <param name="TrainingImages">Pictures of the training set.</param>
/// <param name="TrainingLabels">Labels of the training set.</param>
/// <param name="TestImages">Pictures of the test set.</param>
/// <param name="TestLabels">Labels of the test set.</param>
public sealed record DatasetInfo(
    string Key, string Title, string Address, IReadOnlyList<string> Classes,
    DatasetFile TrainingImages, DatasetFile TrainingLabels, DatasetFile TestImages, DatasetFile TestLabels)
{
    /// <summary>Fashion-MNIST: H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747.</summary>
    public static DatasetInfo FashionMnist { get; } = new(
        "fashion-mnist", "Fashion-MNIST", "https://github.com/zalandoresearch/fashion-mnist/tree/master/data/fashion",
        ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot"],
        new("train-images-idx3-ubyte", 47_040_016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        new("train-labels-idx1-ubyte", 60_008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        new("t10k-images-idx3-ubyte", 7_840_016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        new("t10k-labels-idx1-ubyte", 10_008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"));

    /// <summary>MNIST: Y. LeCun, C. Cortes, C. J. C. Burges.</summary>
    public static DatasetInfo Mnist { get; } = new(
        "mnist", "MNIST", "https://yann.lecun.com/exdb/mnist",
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        new("train-images-idx3-ubyte", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        new("train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        new("t10k-images-idx3-ubyte", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        new("t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    public static IReadOnlyList<DatasetInfo> All { get; } = [FashionMnist, Mnist];

    /// <summary>Rows and columns of a picture.</summary>
    public const int Side = 28;

    public IReadOnlyList<DatasetFile> Files => [TrainingImages, TrainingLabels, TestImages, TestLabels];
}
