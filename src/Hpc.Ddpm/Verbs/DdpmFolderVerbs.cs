using Hpc.Cli;
using Hpc.Cli.Verbs;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Running;
using Hpc.Ddpm.Spec;

namespace Hpc.Ddpm.Verbs;

/// <summary>Verbs that work on the output of a run.</summary>
internal static class DdpmFolderVerbs
{
    /// <summary><c>merge</c>: the finished tasks in one file.</summary>
    public static int Merge(DdpmMergeOptions options)
    {
        DdpmFolder folder = DdpmFolder.Open(options.Folder);
        DdpmSpec spec = folder.Spec;
        ImageDataset data = ImageDataset.Load(spec.Dataset, options.Data);
        DdpmFinishing.Merge(folder, ClassDescriptors.Measure(data.Training, new ImageScale(spec.ImageSize)), default);
        Console.WriteLine(folder.MergedFile);
        return ExitCode.Done;
    }

    /// <summary><c>status</c>: what is known of every task.</summary>
    public static int Status(DdpmStatusOptions options)
    {
        DdpmFolder folder = DdpmFolder.Open(options.Folder);
        StatusVerb.Print(folder, DdpmTask.Expand(folder.Spec));
        return ExitCode.Done;
    }
}
