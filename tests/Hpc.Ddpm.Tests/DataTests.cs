using System.IO.Compression;
using Hpc.Cli;
using Hpc.Ddpm.Data;

namespace Hpc.Ddpm.Tests;

public class DataTests
{
    [Fact]
    public void Fashion_MNIST_is_what_its_publisher_says()
    {
        ImageDataset data = TestData.FashionMnist;
        Assert.Equal((60_000, 10_000), (data.Training.Count, data.Test.Count));
        Assert.All(data.Training.ByClass, c => Assert.Equal(6000, c.Length));
        Assert.All(data.Test.ByClass, c => Assert.Equal(1000, c.Length));
        Assert.Equal([9, 0, 0, 3, 0, 2, 7, 2, 5, 5], data.Training.Labels[..10]);
        Assert.Equal([9, 2, 1, 1, 6, 1, 4, 6, 5, 7], data.Test.Labels[..10]);

        // Over all training pixels: mean 72.940, standard deviation 90.021.
        (double sum, double squares) = (0, 0);
        for (int i = 0; i < data.Training.Count; i++)
        {
            foreach (byte pixel in data.Training[i])
            {
                sum += pixel;
                squares += pixel * pixel;
            }
        }

        double mean = sum / (60_000 * 784.0);
        Assert.Equal(72.940, mean, 3);
        Assert.Equal(90.021, Math.Sqrt(squares / (60_000 * 784.0) - mean * mean), 3);
    }

    [Fact]
    public void MNIST_is_what_its_publisher_says()
    {
        ImageDataset data = TestData.Mnist;
        Assert.Equal([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], data.Training.ByClass.Select(c => c.Length));
        Assert.Equal([5, 0, 4, 1, 9], data.Training.Labels[..5]);
        double sum = 0;
        for (int i = 0; i < data.Training.Count; i++)
        {
            foreach (byte pixel in data.Training[i])
            {
                sum += pixel;
            }
        }

        Assert.Equal(0.1307, sum / (255 * 60_000 * 784.0), 4);
    }

    [Fact]
    public void Every_kind_of_damage_is_refused()
    {
        string source = TestData.FashionMnistFolder, folder = Directory.CreateTempSubdirectory("hpc-test-").FullName;
        try
        {
            DatasetFile labels = DatasetInfo.FashionMnist.TestLabels;
            byte[] packed = File.ReadAllBytes(Path.Combine(source, labels.Name + ".gz")), content = Unpack(packed);
            Assert.Equal(10_000, IdxFile.Read(Write(labels.Name, content), labels).Values.Length);
            Assert.Equal(10_000, IdxFile.Read(Write(labels.Name + ".gz", packed), labels).Values.Length);

            Refused("SHA-256", labels.Name, Changed(content, 5000, 3));
            Refused("no IDX file", labels.Name, Changed(content, 2, 9));
            Refused("size that its header says", labels.Name, Changed(content, 7, 11));
            Refused("size that its header says", labels.Name, content[..^1]);
            Refused("no IDX file", labels.Name, []);
            Refused("size that its header says", labels.Name, [.. content, 0, 0, 0]);
            Refused("of another data set", labels.Name, [0, 0, 8, 1, 0, 0, 0, 2, 1, 2]);
            Refused("damaged", labels.Name + ".gz", packed[..2000], "size that its header says");
            Refused("damaged", labels.Name + ".gz", Changed(packed, 1000, 77), "SHA-256", "no IDX file");
            Refused("cannot read", labels.Name + ".absent", null);

            void Refused(string reason, string name, byte[]? bytes, params string[] orReasons)
            {
                string path = bytes is null ? Path.Combine(folder, name) : Write(name, bytes);
                UsageException e = Assert.Throws<UsageException>(() => IdxFile.Read(path, labels));
                Assert.Contains(path, e.Message);
                Assert.True(orReasons.Prepend(reason).Any(e.Message.Contains), e.Message);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string Write(string name, byte[] bytes)
        {
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, bytes);
            return path;
        }
    }

    [Fact]
    public void What_is_missing_is_named_with_address_and_checksums()
    {
        string empty = Directory.CreateTempSubdirectory("hpc-test-").FullName;
        UsageException e = Assert.Throws<UsageException>(() => ImageDataset.Load(DatasetInfo.FashionMnist, empty));
        Directory.Delete(empty);
        Assert.Contains(DatasetInfo.FashionMnist.Address, e.Message);
        Assert.All(DatasetInfo.FashionMnist.Files, file => Assert.Contains($"{file.Sha256}  {file.Name}", e.Message));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Scaled_pictures_are_padded_and_averaged(int side)
    {
        var random = new Random(5);
        byte[] image = new byte[784];
        random.NextBytes(image);
        float[] scaled = new float[side * side];
        new ImageScale(side).Scale(image, scaled);

        // Pixel by pixel from the other end: every pixel of the picture goes into one of the result.
        double[] expected = new double[side * side];
        Array.Fill(expected, -1);
        int square = 32 / side;
        for (int y = 0; y < 28; y++)
        {
            for (int x = 0; x < 28; x++)
            {
                expected[(y + 2) / square * side + (x + 2) / square] += 2.0 * image[y * 28 + x] / 255 / (square * square);
            }
        }

        Assert.All(scaled.Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-6));
        if (side == 32)
        {
            Assert.Equal(image[0], ImageScale.Grey(scaled[2 * 32 + 2]));
        }
    }

    /// <summary>
    /// Computed with numpy from the files: x the training pictures of a class as doubles, a = pad(x, 2).reshape(-1, 16, 2, 16, 2).mean((2, 4))
    /// / 127.5 − 1; variance a.var(0).mean(); M the means a.mean(0) of all classes less their mean, G = M Mᵀ/256; norms √G_cc over their mean;
    /// cosine G_cr/√(G_cc G_rr).
    /// </summary>
    [Theory]
    [InlineData(
        false, 7,
        new[] { 0.129153, 0.070221, 0.144412, 0.104735, 0.127392, 0.114517, 0.151104, 0.069343, 0.196907, 0.125451 },
        new[] { 1.047272, 0.569402, 1.171001, 0.849272, 1.032989, 0.928592, 1.225265, 0.562287, 1.596666, 1.017253 },
        new[] { 0.897896, 1.150924, 0.859808, 0.935458, 0.949290, 1.216110, 0.554534, 1.310989, 0.882023, 1.242969 },
        new[] { -0.681720, -0.218664, -0.637700, -0.395998, -0.711844, 0.824375, -0.784402, 1.000000, 0.132106, 0.372658 })]
    [InlineData(
        true, 0,
        new[] { 0.144943, 0.065091, 0.148202, 0.127804, 0.116076, 0.136318, 0.122984, 0.107852, 0.126515, 0.108610 },
        new[] { 1.203450, 0.540444, 1.230512, 1.061147, 0.963771, 1.131840, 1.021126, 0.895486, 1.050443, 0.901782 },
        new[] { 1.464785, 1.284914, 0.973423, 0.964124, 0.942162, 0.669130, 1.058201, 1.064140, 0.762361, 0.816762 },
        new[] { 1.000000, -0.517574, -0.014311, -0.002343, -0.310419, 0.271525, 0.017024, -0.223661, -0.170738, -0.395001 })]
    public void Descriptors_of_all_classes_are_those_of_another_program(bool digits, int reference, double[] variance, double[] relative, double[] norm, double[] cosine)
    {
        ClassDescriptors classes = ClassDescriptors.Measure((digits ? TestData.Mnist : TestData.FashionMnist).Training, new ImageScale(16));
        Agree(variance, classes.Variance);
        Agree(relative, classes.RelativeVariance);
        Agree(norm, classes.RelativeNorm);
        Agree(cosine, classes.Cosine(reference));

        static void Agree(double[] expected, double[] measured) => Assert.All(expected.Zip(measured), p => Assert.Equal(p.First, p.Second, 1.5e-6));
    }

    [Fact]
    public void Pictures_of_a_class_depend_on_seed_and_class_alone()
    {
        ImageDataset data = TestData.FashionMnist;
        var scale = new ImageScale(8);
        PairData bag = PairData.Choose(data, (7, 8), (16, 16), 20, scale, 3), coat = PairData.Choose(data, (7, 4), (24, 5), 20, scale, 3), other = PairData.Choose(data, (7, 8), (16, 16), 20, scale, 4);
        Assert.Equal(bag.Training.Sources[..16], coat.Training.Sources[..16]);
        Assert.Equal(29, coat.Training.Count);
        Assert.All(coat.Training.Sources[24..], i => Assert.Equal(4, data.Training.Labels[i]));
        Assert.Equal(5, coat.Training.Of(1).Length);
        Assert.Equal(16, bag.Training.Sources[..16].Distinct().Count());
        Assert.True(bag.Training.Sources.Intersect(other.Training.Sources).Count() < 4);
        Assert.Equal(bag.Test.Sources[..20], coat.Test.Sources[..20]);
        float[] expected = new float[64];
        scale.Scale(data.Training[bag.Training.Sources[20]], expected);
        Assert.Equal(expected, bag.Training[20].ToArray());
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var content = new MemoryStream();
        using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] Changed(byte[] content, int position, byte value)
    {
        byte[] changed = [.. content];
        changed[position] ^= value;
        return changed;
    }
}
