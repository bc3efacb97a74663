namespace Hpc.Ddpm.Data;

/// <summary>
/// What the classes of a data set look like to the random-features model: how far the pictures of a class are from their mean, and where
/// the means are. Pictures are scaled as the network sees them, all of the training set count, and means are taken from the mean of the
/// class means, so that nothing depends on the grey value that is called zero.
/// </summary>
public sealed class ClassDescriptors
{
    private ClassDescriptors(double[] variance, double[][] gram) => (Variance, Gram) = (variance, gram);

    /// <summary>Trace of the covariance of class c over the number of pixels N: (1/N) E‖x − m_c‖², with 1/n_c for the mean over n_c pictures.</summary>
    public double[] Variance { get; }

    /// <summary>(m_c − m̄)·(m_c' − m̄)/N, K × K, with the mean m_c of class c and the mean m̄ of all m_c.</summary>
    public double[][] Gram { get; }

    /// <summary><see cref="Variance"/> over its mean over the classes.</summary>
    public double[] RelativeVariance => OverMean(Variance);

    /// <summary>‖m_c − m̄‖ over its mean over the classes.</summary>
    public double[] RelativeNorm => OverMean([.. Gram.Select((row, c) => Math.Sqrt(row[c]))]);

    /// <summary>Cosine of the angle at m̄ between m_c and the mean of a reference class.</summary>
    public double[] Cosine(int reference) => [.. Gram.Select((row, c) => row[reference] / Math.Sqrt(row[c] * Gram[reference][reference]))];

    /// <summary>Measures all classes.</summary>
    /// <param name="images">The training set.</param>
    /// <param name="scale">As the network sees them.</param>
    public static ClassDescriptors Measure(LabelledImages images, ImageScale scale)
    {
        int classes = images.ByClass.Count, pixels = scale.Pixels;
        double[][] means = [.. Enumerable.Range(0, classes).Select(_ => new double[pixels])];
        double[] squares = new double[classes];
        float[] image = new float[pixels];
        for (int i = 0; i < images.Count; i++)
        {
            scale.Scale(images[i], image);
            int label = images.Labels[i];
            for (int p = 0; p < pixels; p++)
            {
                means[label][p] += image[p];
                squares[label] += (double)image[p] * image[p];
            }
        }

        double[] centre = new double[pixels], variance = new double[classes];
        for (int c = 0; c < classes; c++)
        {
            int count = images.ByClass[c].Length;
            double squaredMean = 0;
            for (int p = 0; p < pixels; p++)
            {
                means[c][p] /= count;
                centre[p] += means[c][p] / classes;
                squaredMean += means[c][p] * means[c][p];
            }

            variance[c] = (squares[c] / count - squaredMean) / pixels;
        }

        double[][] gram = [.. means.Select(a => means.Select(b => Enumerable.Range(0, pixels).Sum(p => (a[p] - centre[p]) * (b[p] - centre[p])) / pixels).ToArray())];
        return new ClassDescriptors(variance, gram);
    }

    private static double[] OverMean(double[] values)
    {
        double mean = values.Average();
        return [.. values.Select(v => v / mean)];
    }

    /// <summary>Those of the other data sets that are here.</summary>
    /// <inheritdoc cref="ImageDataset.Others" path="/param"/>
    /// <param name="scale">As the network sees pictures.</param>
    public static IReadOnlyList<(DatasetInfo Info, ClassDescriptors Descriptors)> OfOthers(DatasetInfo info, string? folder, ImageScale scale) =>
        [.. ImageDataset.Others(info, folder).Select(other => (other.Info, Measure(other.Training, scale)))];
}
