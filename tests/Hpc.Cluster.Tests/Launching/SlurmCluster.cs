using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Hpc.Cluster.Tests.Launching;

/// <summary>A Slurm of nodes with two processors each, all on this host, brought up for the tests and taken down after them.</summary>
public class SlurmCluster(int nodes) : IDisposable
{
    private static readonly string[] Programs =
        ["/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch", "/usr/bin/srun", "/usr/bin/scontrol"];

    private readonly TemporaryFolder folder = new();
    private bool up;

    private string[] Nodes { get; } = [.. Enumerable.Range(1, nodes).Select(i => $"n{i}")];

    /// <summary>Without the setting that mpirun needs to pass signals on: run-cluster.sh has to make it.</summary>
    internal Dictionary<string, string> Environment { get; } =
        new(MpiInstallation.Environment.Where(variable => variable.Key != "HWLOC_COMPONENTS"));

    /// <summary>Starts it, once; skips the test where there is no Slurm, except in continuous integration.</summary>
    internal void Require()
    {
        MpiInstallation.Require(Programs);
        if (System.Environment.UserName != "root")
        {
            Assert.Skip("the daemons of Slurm need root");
        }

        if (!up)
        {
            Start();
        }
    }

    /// <summary>Runs a program of Slurm.</summary>
    internal string Run(string program, params IEnumerable<string> arguments)
    {
        ProcessResult result = RunningProcess.Run(program, arguments, Environment);
        Assert.True(result.ExitCode == 0, $"{program}: {result}");
        return result.Output.Trim();
    }

    /// <summary>A field of a job, such as JobState.</summary>
    internal string Field(string job, string name) =>
        Run("scontrol", "show", "job", "-o", job).Split(' ').First(f => f.StartsWith(name + "="))[(name.Length + 1)..];

    internal string WaitForEnd(string job)
    {
        WaitFor(() => Field(job, "JobState") is "COMPLETED" or "FAILED" or "CANCELLED" or "TIMEOUT", $"the end of job {job}");
        return Field(job, "JobState");
    }

    internal void WaitFor(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(240), $"waited in vain for {what}: {Run("squeue", "-a")}");
            Thread.Sleep(50);
        }
    }

    public void Dispose()
    {
        if (!up)
        {
            folder.Dispose();
            return;
        }

        RunningProcess.Run("scancel", ["-u", "root"], Environment);
        foreach (string file in Directory.GetFiles(folder["run"], "*.pid"))
        {
            RunningProcess.Run("kill", ["-TERM", File.ReadAllText(file).Trim()]);
        }

        Thread.Sleep(500);
        folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Start()
    {
        foreach (string name in (string[])["run", "state", "log", .. Nodes.SelectMany(n => (string[])[$"spool/{n}", $"tmp/{n}"])])
        {
            Directory.CreateDirectory(folder[name]);
        }

        // munged wants folders that others can pass but not write to, and a key for its eyes only.
        const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(folder.Path, Passable);
        File.SetUnixFileMode(folder["run"], Passable);
        File.WriteAllBytes(folder["run/key"], RandomNumberGenerator.GetBytes(1024));
        File.SetUnixFileMode(folder["run/key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);

        string host = System.Environment.MachineName.Split('.')[0];
        string d = folder.Path;
        File.WriteAllText(folder["slurm.conf"], $"""
            ClusterName=ci
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            CredType=cred/munge
            AuthInfo=socket={d}/run/munge.socket,cred_expire=8
            CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
            SlurmctldPort={FreePort()}
            StateSaveLocation={d}/state
            SlurmdSpoolDir={d}/spool/%n
            TmpFS={d}/tmp/%n
            SlurmctldPidFile={d}/run/slurmctld.pid
            SlurmdPidFile={d}/run/slurmd.%n.pid
            SlurmctldLogFile={d}/log/slurmctld.log
            SlurmdLogFile={d}/log/slurmd.%n.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            MpiDefault=pmi2
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SchedulerType=sched/backfill
            SwitchType=switch/none
            SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1
            ReturnToService=2
            SlurmdParameters=config_overrides
            KillWait=3
            MinJobAge=300
            JobRequeue=1
            PreemptType=preempt/partition_prio
            PreemptMode=REQUEUE
            {string.Join('\n', Nodes.Select(n => $"NodeName={n} NodeHostname={host} NodeAddr=127.0.0.1 Port={FreePort()} CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 State=UNKNOWN"))}
            PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=10 GraceTime=20
            PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=20

            """);
        Environment["SLURM_CONF"] = folder["slurm.conf"];
        up = true;
        Daemon("/usr/sbin/munged", "--key-file", $"{d}/run/key", "--socket", $"{d}/run/munge.socket", "--pid-file", $"{d}/run/munged.pid",
            "--seed-file", $"{d}/run/munged.seed", "--log-file", $"{d}/log/munged.log");
        Daemon("/usr/sbin/slurmctld", "-c", "-i");
        Array.ForEach(Nodes, node => Daemon("/usr/sbin/slurmd", "-N", node, "-c"));
        WaitFor(() => RunningProcess.Run("sinfo", ["-h", "-N", "-p", "main", "-o", "%t"], Environment).Output.Split('\n').Count(l => l == "idle") == Nodes.Length, "the nodes");
    }

    private void Daemon(string program, params string[] arguments)
    {
        ProcessResult result = RunningProcess.Run(program, arguments, Environment);
        Assert.True(result.ExitCode == 0, $"{program}: {result}");
    }
}

/// <summary>A Slurm of one node.</summary>
public sealed class OneNode() : SlurmCluster(1);

/// <summary>A Slurm of two nodes.</summary>
public sealed class TwoNodes() : SlurmCluster(2);
