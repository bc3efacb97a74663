using Hpc.Cluster.Tests.Launching;
using Hpc.Cluster.Tests.Ranks;

namespace Hpc.Cluster.Tests;

/// <summary>Real launchers and libraries.</summary>
[Collection("launchers")]
public sealed class MpiCommunicatorTests
{
    public static TheoryData<MpiInstallation> Installations => [MpiInstallation.OpenMpi, MpiInstallation.Mpich];

    public static TheoryData<MpiInstallation, int> Sizes => new()
    {
        { MpiInstallation.OpenMpi, 2 }, { MpiInstallation.OpenMpi, 4 }, { MpiInstallation.Mpich, 2 }, { MpiInstallation.Mpich, 4 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void OperationsGiveWhatTheyPromise(MpiInstallation mpi, int ranks)
    {
        ProcessResult result = mpi.Run(ranks, ["collectives"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        for (int rank = 0; rank < ranks; rank++)
        {
            Assert.Contains($"rank {rank} of {ranks}: ", result.Output);
            Assert.Contains($"rank {rank} done", result.Output);
        }

        Assert.Contains(mpi.Library, result.Output);
    }

    [Theory]
    [MemberData(nameof(Installations))]
    public void LibrariesDoNotTakeTheSignalsOfTheRuntime(MpiInstallation mpi)
    {
        ProcessResult result = mpi.Run(2, ["null-reference"]);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [MemberData(nameof(Installations))]
    public void AnUnhandledExceptionEndsAllRanks(MpiInstallation mpi)
    {
        ProcessResult result = mpi.Run(2, ["throw"]);
        Assert.True(result.ExitCode == 70, result.ToString());
        Assert.Contains("rank 1 on", result.Error);
        Assert.Contains("thrown on purpose", result.Error);
    }

    [Theory]
    [MemberData(nameof(Installations))]
    public void ARankThatLeavesEndsAllRanks(MpiInstallation mpi)
    {
        Assert.Equal(71, mpi.Run(2, ["return", "0"]).ExitCode);
        Assert.Equal(2, mpi.Run(2, ["return", "2"]).ExitCode);
    }

    [Fact]
    public void ALibraryOfAnotherLauncherIsRefused()
    {
        MpiInstallation.Require(MpiInstallation.OpenMpi.Launcher, MpiInstallation.Mpich.Launcher);
        foreach (MpiInstallation mpi in new[] { MpiInstallation.OpenMpi, MpiInstallation.Mpich })
        {
            MpiInstallation other = mpi == MpiInstallation.OpenMpi ? MpiInstallation.Mpich : MpiInstallation.OpenMpi;
            ProcessResult result = mpi.Run(2, ["collectives"], (Communicators.LibraryVariable, other.Library));
            Assert.True(result.ExitCode == TestRank.Refused, result.ToString());
            Assert.Contains("started 2 processes", result.Error);
            Assert.Contains("sees 1", result.Error);
            Assert.DoesNotContain("rank 0 of", result.Output);
        }
    }

    [Theory]
    [InlineData("libnone.so.1", "", "no MPI library (tried libnone.so.1)")]
    [InlineData("libc.so.6", "", "no function MPI_")]
    [InlineData("", "lam", "must be openmpi, mpich or standard")]
    public void AWrongLibraryIsRefused(string library, string abi, string message)
    {
        ProcessResult result = MpiInstallation.Mpich.Run(
            2, ["collectives"], (Communicators.LibraryVariable, library), (Communicators.AbiVariable, abi));
        Assert.True(result.ExitCode == TestRank.Refused, result.ToString());
        Assert.Contains(message, result.Error);
    }

    /// <summary>
    /// A signal to the launcher stops all ranks after the same step. What the launcher then returns: Open MPI that of rank 0 after SIGUSR1
    /// and 1 for its own end after SIGTERM, MPICH 0 or that of rank 0, by chance.
    /// </summary>
    [Theory]
    [InlineData("openmpi", "USR1", TestRank.Stopped, TestRank.Stopped)]
    [InlineData("openmpi", "TERM", 1, 1)]
    [InlineData("mpich", "TERM", 0, TestRank.Stopped)]
    [InlineData("mpich", "INT", 0, TestRank.Stopped)]
    public void ASignalStopsAllRanksAtTheSameStep(string name, string signal, int exitCode, int otherExitCode)
    {
        MpiInstallation mpi = name == "openmpi" ? MpiInstallation.OpenMpi : MpiInstallation.Mpich;
        using var folder = new TemporaryFolder();
        using RunningProcess running = mpi.Start(2, ["agree", folder.Path]);
        running.WaitFor(() => File.Exists(folder["started.0"]) && File.Exists(folder["started.1"]));
        running.Signal(signal);
        ProcessResult result = running.Wait();
        Assert.True(result.ExitCode == exitCode || result.ExitCode == otherExitCode, result.ToString());
        string[] ends = [File.ReadAllText(folder["stopped.0"]), File.ReadAllText(folder["stopped.1"])];
        Assert.All(ends, end => Assert.StartsWith("0 ", end));
        Assert.Contains(ends, end => end == $"0 SIG{signal}");
    }

    [Fact]
    public void WithoutALauncherThereIsOneProcess()
    {
        ProcessResult result = RunningProcess.Run(
            Environment.ProcessPath!, ["--rank", "null-reference"], new Dictionary<string, string> { [Communicators.LibraryVariable] = "libnone.so" });
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
