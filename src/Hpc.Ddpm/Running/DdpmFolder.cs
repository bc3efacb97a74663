using System.Text.Json.Nodes;
using Hpc.Cli.Running;
using Hpc.Ddpm.Spec;

namespace Hpc.Ddpm.Running;

/// <summary>The folder of an experiment with a <c>ddpm</c> block.</summary>
public sealed class DdpmFolder : RunFolder
{
    private DdpmFolder(string path, DdpmSpec spec)
        : base(path, spec.Name) => Spec = spec;

    public DdpmSpec Spec { get; }

    protected override JsonObject Resolved => DdpmSpecReader.Write(Spec);

    /// <summary>Makes the folder, or checks that the one that is there belongs to the same spec; nothing is written before the check.</summary>
    /// <exception cref="Cli.UsageException">The folder belongs to another spec, or cannot be written.</exception>
    public static DdpmFolder Create(string path, DdpmSpec spec)
    {
        var folder = new DdpmFolder(path, spec);
        folder.Prepare(File.Exists(SpecFile(path)) ? DdpmSpecReader.Write(ReadSpec(path)) : null);
        return folder;
    }

    /// <summary>Opens the folder of an earlier run.</summary>
    /// <exception cref="Cli.UsageException">It is none.</exception>
    public static DdpmFolder Open(string path) => new(path, ReadSpec(path));

    private static DdpmSpec ReadSpec(string folder) => ReadSpec(folder, file => DdpmSpecReader.ReadFile(file));
}
