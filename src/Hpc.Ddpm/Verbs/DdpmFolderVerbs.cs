using Hpc.Cli;
using Hpc.Cli.Verbs;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Figures;
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
        var scale = new ImageScale(spec.ImageSize);
        DdpmFinishing.Merge(folder, ClassDescriptors.Measure(data.Training, scale), ClassDescriptors.OfOthers(spec.Dataset, options.Data, scale), default);
        Console.WriteLine(folder.MergedFile);
        return ExitCode.Done;
    }

    /// <summary><c>plot</c>: figures and report from the merged file alone.</summary>
    public static int Plot(DdpmPlotOptions options)
    {
        DdpmFolder folder = DdpmFolder.Open(options.Folder);
        foreach (string file in DdpmReport.Draw(folder.ReadMerged(), folder))
        {
            Console.WriteLine(file);
        }

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
