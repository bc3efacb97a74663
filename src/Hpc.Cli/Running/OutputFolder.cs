using System.Text.Json.Nodes;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli.Running;

/// <summary>The folder of an experiment with random features.</summary>
public sealed class OutputFolder : RunFolder
{
    private OutputFolder(string path, ExperimentSpec spec)
        : base(path, spec.Name) => Spec = spec;

    public ExperimentSpec Spec { get; }

    protected override JsonObject Resolved => SpecWriter.Tree(Spec);

    /// <summary>Makes the folder, or checks that the one that is there belongs to the same spec; nothing is written before the check.</summary>
    /// <exception cref="UsageException">The folder belongs to another spec, or cannot be written.</exception>
    public static OutputFolder Create(string path, ExperimentSpec spec)
    {
        var folder = new OutputFolder(path, spec);
        folder.Prepare(File.Exists(SpecFile(path)) ? SpecWriter.Tree(ReadSpec(path)) : null);
        return folder;
    }

    /// <summary>Opens the folder of an earlier run.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static OutputFolder Open(string path) => new(path, ReadSpec(path));

    /// <summary>The method that an earlier run in this folder was settled on; null where there is none.</summary>
    /// <exception cref="UsageException">The stored spec cannot be read.</exception>
    public static SpectrumMethod? MethodOf(string path) => !File.Exists(SpecFile(path))
        ? null
        : ReadSpec(path).Method == SpectrumMethod.Lanczos ? SpectrumMethod.Lanczos : SpectrumMethod.Dense;

    private static ExperimentSpec ReadSpec(string folder) => ReadSpec(folder, file => SpecReader.ReadFile(file));
}
