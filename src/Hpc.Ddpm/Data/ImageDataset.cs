using System.Text;
using Hpc.Cli;

namespace Hpc.Ddpm.Data;

/// <summary>A data set in memory: 60,000 pictures to train with and 10,000 to test with.</summary>
/// <param name="Info">Which.</param>
/// <param name="Training">The training set.</param>
/// <param name="Test">The test set.</param>
public sealed record ImageDataset(DatasetInfo Info, LabelledImages Training, LabelledImages Test)
{
    /// <summary>Environment variable that names the folder of the data.</summary>
    public const string FolderVariable = "HPC_DATA";

    /// <summary>
    /// Finds and reads a data set: in the folder that is given, else in that of <see cref="FolderVariable"/>, else in <c>data</c> or
    /// <c>shared/data</c> of the current folder, of that of the program, or of any folder above them. Below such a folder, or in it, are the
    /// files, compressed or not, in a folder with the key of the data set.
    /// </summary>
    /// <param name="info">Which.</param>
    /// <param name="folder">The folder of the files, or the one above it; null to search.</param>
    /// <exception cref="UsageException">It is not there, or damaged.</exception>
    public static ImageDataset Load(DatasetInfo info, string? folder)
    {
        string found = Find(info, folder) ?? throw Missing(info, folder);
        return new ImageDataset(info, Split(info.TrainingImages, info.TrainingLabels), Split(info.TestImages, info.TestLabels));

        LabelledImages Split(DatasetFile images, DatasetFile labels) =>
            new(IdxFile.Read(PathOf(found, images)!, images), IdxFile.Read(PathOf(found, labels)!, labels), info.Classes.Count, $"{info.Title} in '{found}'");
    }

    /// <summary>The other data sets whose folders are beside that of this one.</summary>
    /// <param name="info">This one.</param>
    /// <param name="folder">As in <see cref="Load"/>.</param>
    /// <exception cref="UsageException">One of them is damaged.</exception>
    public static IReadOnlyList<ImageDataset> Others(DatasetInfo info, string? folder)
    {
        string? beside = Find(info, folder) is { } own ? Path.GetDirectoryName(Path.GetFullPath(own)) : null;
        return beside is null ? [] :
            [.. DatasetInfo.All.Where(other => other != info && other.Files.All(file => PathOf(Path.Combine(beside, other.Key), file) is not null)).Select(other => Load(other, Path.Combine(beside, other.Key)))];
    }

    /// <summary>The folder of the files; null when it is nowhere.</summary>
    /// <inheritdoc cref="Load" path="/param"/>
    public static string? Find(DatasetInfo info, string? folder)
    {
        string? given = folder ?? Environment.GetEnvironmentVariable(FolderVariable);
        IEnumerable<string> candidates = given is { Length: > 0 }
            ? [given]
            : from start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory]
              from parent in Upwards(start)
              from name in (string[])["data", "shared/data"]
              select Path.Combine(parent, name);
        return candidates.SelectMany(c => (string[])[Path.Combine(c, info.Key), c]).FirstOrDefault(c => info.Files.All(file => PathOf(c, file) is not null));
    }

    private static IEnumerable<string> Upwards(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            yield return at.FullName;
        }
    }

    private static string? PathOf(string folder, DatasetFile file) =>
        ((string[])[Path.Combine(folder, file.Name + ".gz"), Path.Combine(folder, file.Name)]).FirstOrDefault(File.Exists);

    private static UsageException Missing(DatasetInfo info, string? folder)
    {
        var message = new StringBuilder();
        message.AppendLine(folder is null
            ? $"{info.Title} is nowhere to be found: name its folder with --data DIR or {FolderVariable}, or put it in data/{info.Key}."
            : $"{info.Title} is not in '{folder}'.");
        message.AppendLine($"Download these files from {info.Address}, compressed (.gz) or not; SHA-256 of the decompressed content:");
        foreach (DatasetFile file in info.Files)
        {
            message.AppendLine($"  {file.Sha256}  {file.Name}  {file.Bytes} bytes");
        }

        return new UsageException(message.ToString().TrimEnd());
    }
}
