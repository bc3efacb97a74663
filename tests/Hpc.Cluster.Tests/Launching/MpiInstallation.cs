namespace Hpc.Cluster.Tests.Launching;

/// <summary>An MPI of this machine.</summary>
/// <param name="Name">openmpi or mpich.</param>
/// <param name="Library">Soname of its library.</param>
public sealed record MpiInstallation(string Name, string Library)
{
    public static MpiInstallation OpenMpi { get; } = new("openmpi", "libmpi.so.40");

    public static MpiInstallation Mpich { get; } = new("mpich", "libmpich.so.12");

    public override string ToString() => Name;

    internal string Launcher => $"/usr/bin/mpirun.{Name}";

    /// <summary>Everything stays on the loopback interface; root is allowed, as in containers.</summary>
    internal static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
        ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
        ["OMPI_MCA_oob_tcp_if_include"] = "lo",
        ["OMPI_MCA_btl_tcp_if_include"] = "lo",
        ["HWLOC_COMPONENTS"] = "-opencl,-gl",
        ["HYDRA_IFACE"] = "lo",
        ["UCX_TLS"] = "self,sm",
        ["TERM"] = "dumb",
    };

    /// <summary>Skips the test where the software is absent, except in continuous integration, which installs it.</summary>
    internal static void Require(params ReadOnlySpan<string> programs)
    {
        foreach (string program in programs)
        {
            if (!File.Exists(program))
            {
                string reason = $"{program} is not installed";
                Assert.False(System.Environment.GetEnvironmentVariable("CI") == "true", reason);
                Assert.Skip(reason);
            }
        }
    }

    /// <summary>Starts ranks of this program.</summary>
    internal RunningProcess Start(int ranks, IEnumerable<string> test, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        Require(Launcher);
        var environment = new Dictionary<string, string>(Environment);
        foreach ((string name, string value) in variables)
        {
            environment[name] = value;
        }

        string[] options = this == OpenMpi ? ["--oversubscribe", "--bind-to", "none"] : [];
        return RunningProcess.Start(
            Launcher, [.. options, "-n", $"{ranks}", System.Environment.ProcessPath!, "--rank", .. test], environment);
    }

    internal ProcessResult Run(int ranks, IEnumerable<string> test, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        using RunningProcess running = Start(ranks, test, variables);
        return running.Wait();
    }
}
