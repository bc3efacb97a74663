namespace Hpc.Cli.Tests.Program;

/// <summary>A folder of a test's own with a small spec in it, deleted at the end.</summary>
internal sealed class Workspace : IDisposable
{
    public const string SmallSpec = """
        {
          "schema": 1, "name": "small",
          "model": { "dimension": 12, "features": 60, "samples": 30,
                     "classes": [ { "weight": 0.5, "variance": 0.5 }, { "weight": 0.5, "variance": 0.25 } ] },
          "diffusionTime": 0.05,
          "seeds": { "first": 0, "count": 3 },
          "spectrum": { "method": "dense" },
          "descent": { "dynamics": "noise-averaged", "learningRate": 0.002, "epochs": 1000000, "records": 30, "testSamples": 200 }
        }
        """;

    public Workspace(string spec = SmallSpec)
    {
        Folder = Directory.CreateTempSubdirectory("hpc-test-").FullName;
        File.WriteAllText(Spec, spec);
    }

    public string Folder { get; }

    public string Spec => Path.Combine(Folder, "small.json");

    public string Out => Path.Combine(Folder, "out");

    public string Merged => Path.Combine(Out, "small.h5");

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
