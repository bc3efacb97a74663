namespace Hpc.Cluster.Tests.Launching;

/// <summary>Jobs of run-cluster.sh; the program that it starts is a rank of these tests.</summary>
public abstract class ClusterJobs(SlurmCluster slurm)
{
    internal const int GatedTasks = 30;

    private static readonly string Script = Path.Combine(Root(), "run-cluster.sh");

    internal SlurmCluster Slurm { get; } = slurm;

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "run-cluster.sh")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>Calls the script with a program that takes the place of hpc.</summary>
    internal ProcessResult Cluster(TemporaryFolder folder, int tasks, int milliseconds, string rank, params string[] options)
    {
        File.WriteAllText(folder["spec.json"], "{}");
        File.WriteAllText(folder["hpc"], $"""
            #!/usr/bin/env bash
            verb=$1
            case $verb in
              run)
                while [ "$1" != --out ]; do shift; done
                mkdir -p "$2"
                exec '{Environment.ProcessPath}' --rank tasks "$2" {tasks} {milliseconds} {rank}
                ;;
              *) echo "$verb" ;;
            esac

            """);
        File.SetUnixFileMode(folder["hpc"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return RunningProcess.Run(
            Script, [folder["spec.json"], "--out", folder["out"], .. options], new Dictionary<string, string>(Slurm.Environment) { ["HPC"] = folder["hpc"] });
    }

    /// <summary>A run on two ranks that stands still when two thirds of its tasks are done.</summary>
    internal Job SubmitGated(params string[] options)
    {
        Job job = Submit(GatedTasks, 5, "gate", [.. options, "--ntasks-per-node", "2", "--requeue"]);
        Slurm.WaitFor(() => job.Log.Count(l => l[0] == "f") == 2 * GatedTasks / 3, $"results: {job.Text}");
        return job;
    }

    internal Job Submit(int tasks, int milliseconds, string rank, params string[] options)
    {
        Slurm.Require();
        var folder = new TemporaryFolder();
        ProcessResult result = Cluster(folder, tasks, milliseconds, rank, options);
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] words = result.Output.Split('\n')[0].Split(' ', ',');
        return new Job(folder, words[1], words[^1]);
    }

    /// <param name="folder">Of the spec and the results.</param>
    /// <param name="id">Its number.</param>
    /// <param name="merge">Number of the job that merges.</param>
    internal sealed class Job(TemporaryFolder folder, string id, string merge) : IDisposable
    {
        public string Id => id;

        public string Merge => merge;

        public string Text => string.Join('\n', Directory.GetFiles(folder["out"], "slurm-*.log").Select(File.ReadAllText));

        public List<string[]> Log => !Directory.Exists(folder["out"])
            ? []
            : [.. Directory.GetFiles(folder["out"], "log.*.txt").SelectMany(File.ReadAllLines).Select(line => line.Split(' '))];

        /// <summary>Where its ranks ran.</summary>
        public IEnumerable<string> Nodes => Directory.GetFiles(folder["out"], "node.*").Select(File.ReadAllText);

        public void OpenGate() => File.WriteAllText(folder["out/go"], "");

        public void AssertResults(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.True(File.Exists(folder[$"out/{i}.txt"]), $"no result {i}\n{Text}");
                Assert.Equal($"{(long)i * i}", File.ReadAllText(folder[$"out/{i}.txt"]));
            }
        }

        public void Dispose() => folder.Dispose();
    }
}
