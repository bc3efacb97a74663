namespace Hpc.Cli.Tests.Figures;

/// <summary>A new folder, removed at the end of its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hpc-figures-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
