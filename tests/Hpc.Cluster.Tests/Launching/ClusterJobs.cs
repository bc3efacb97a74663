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
    internal ProcessResult Cluster(TemporaryFolder folder, int tasks, int milliseconds, string rank, params string[] options) => Call(
        folder,
        "{}",
        $"""
        verb=$1
        case $verb in
          run)
            while [ "$1" != --out ]; do shift; done
            mkdir -p "$2"
            exec '{Environment.ProcessPath}' --rank tasks "$2" {tasks} {milliseconds} {rank}
            ;;
          *) echo "$verb" ;;
        esac
        """,
        options);

    /// <summary>Calls the script.</summary>
    /// <param name="folder">Gets the spec, the program and the results.</param>
    /// <param name="spec">Content of the spec.</param>
    /// <param name="program">What the program does, in bash.</param>
    /// <param name="options">Of the script.</param>
    internal ProcessResult Call(TemporaryFolder folder, string spec, string program, params string[] options)
    {
        File.WriteAllText(folder["spec.json"], spec);
        File.WriteAllText(folder["hpc"], "#!/usr/bin/env bash\n" + program + "\n");
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
        return Submitted(folder, Cluster(folder, tasks, milliseconds, rank, options));
    }

    /// <summary>The job that the script says it has submitted.</summary>
    internal static Job Submitted(TemporaryFolder folder, ProcessResult result)
    {
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] words = result.Output.Split('\n')[0].Split(' ', ',');
        return new Job(folder, words[1], words[^1], result.Output);
    }

    /// <param name="folder">Of the spec and the results.</param>
    /// <param name="id">Its number.</param>
    /// <param name="merge">Number of the job that merges.</param>
    /// <param name="said">What the script printed.</param>
    internal sealed class Job(TemporaryFolder folder, string id, string merge, string said) : IDisposable
    {
        public string Id => id;

        public string Merge => merge;

        /// <summary>Command of the lines that the script printed, how to watch the job, that begins with a word.</summary>
        public string Advice(string word) => said.Split('\n').First(line => line.StartsWith($"  {word} ")).Trim();

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
