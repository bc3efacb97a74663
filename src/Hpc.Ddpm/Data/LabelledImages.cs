using Hpc.Cli;

namespace Hpc.Ddpm.Data;

/// <summary>Pictures with their labels: one split of a data set.</summary>
public sealed class LabelledImages
{
    private readonly byte[] pixels;

    /// <param name="images">n × 28 × 28 grey values.</param>
    /// <param name="labels">n labels below <paramref name="classes"/>.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="name">Where they are from, for messages.</param>
    /// <exception cref="UsageException">The shapes do not fit, or a label is too large.</exception>
    public LabelledImages(IdxFile images, IdxFile labels, int classes, string name)
    {
        if (images.Shape is not [var count, DatasetInfo.Side, DatasetInfo.Side] || labels.Shape is not [var labelled] || count != labelled)
        {
            throw new UsageException(
                $"{name}: pictures are {string.Join(" × ", images.Shape)} and labels {string.Join(" × ", labels.Shape)}; allowed are n × {DatasetInfo.Side} × {DatasetInfo.Side} and n");
        }

        if (labels.Values.FirstOrDefault(label => label >= classes) is var wrong and not 0)
        {
            throw new UsageException($"{name}: a label is {wrong}; allowed is 0 to {classes - 1}");
        }

        (pixels, Labels) = (images.Values, labels.Values);
        ByClass = [.. Enumerable.Range(0, classes).Select(label => (int[])[.. Enumerable.Range(0, count).Where(i => Labels[i] == label)])];
    }

    /// <summary>Label of every picture.</summary>
    public byte[] Labels { get; }

    /// <summary>Positions of the pictures of each class, ascending.</summary>
    public IReadOnlyList<int[]> ByClass { get; }

    public int Count => Labels.Length;

    /// <summary>The 784 grey values of one picture, row by row: 0 is the background, 255 the brightest.</summary>
    public ReadOnlySpan<byte> this[int index] => pixels.AsSpan(index * DatasetInfo.Side * DatasetInfo.Side, DatasetInfo.Side * DatasetInfo.Side);
}
