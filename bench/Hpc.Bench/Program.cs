using System.Globalization;
using Hpc.Bench;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["--rank", .. string[] rank])
{
    return ClusterRank.Run(rank);
}

OpenBlas? blas = OpenBlas.TryLoad();
var sections = new (string Name, Action Run)[]
{
    ("peak", PeakSection.Run),
    ("gemm", () => GemmSection.Run(blas)),
    ("syrk", () => SyrkSection.Run(blas)),
    ("features", FeaturesSection.Run),
    ("epoch", EpochSection.Run),
    ("ladder", LadderSection.Run),
    ("theory", TheorySection.Run),
    ("start", ProgramSection.StartUp),
    ("fig2", ProgramSection.PaperSize),
    ("products", KrylovSection.Products),
    ("eigenpairs", KrylovSection.Eigenpairs),
    ("profile", ProfileSection.Run),
    ("cluster", ClusterSection.Run),
};
if (args.FirstOrDefault(name => sections.All(section => section.Name != name)) is { } unknown)
{
    string names = string.Join(", ", sections.Select(section => section.Name));
    Console.Error.WriteLine($"There is no section '{unknown}': give any of {names}, or nothing for all.");
    return 2;
}

Machine.Describe(blas);
foreach ((string name, Action run) in sections)
{
    if (args.Length == 0 || args.Contains(name))
    {
        run();
    }
}

return 0;
