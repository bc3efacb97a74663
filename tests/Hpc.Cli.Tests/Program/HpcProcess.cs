using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Hpc.Cli.Tests.Program;

/// <summary>The program <c>hpc</c> as its users start it: a process of its own.</summary>
internal static class HpcProcess
{
    /// <summary>How a finished process ended.</summary>
    public sealed record Ended(int ExitCode, string Output, string Error);

    private static readonly string Program = typeof(HpcProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Program").Value!;

    /// <summary>Runs the program to its end.</summary>
    public static Ended Run(params string[] arguments)
    {
        using Process process = Start(arguments);
        return WaitFor(process);
    }

    /// <summary>Runs the program to its end under an MPI launcher on this machine.</summary>
    public static Ended RunUnder(string launcher, string[] launcherArguments, params string[] arguments)
    {
        using Process process = StartUnder(launcher, launcherArguments, arguments);
        return WaitFor(process);
    }

    /// <summary>Starts the program under an MPI launcher on this machine.</summary>
    public static Process StartUnder(string launcher, string[] launcherArguments, params string[] arguments)
    {
        var start = new ProcessStartInfo(launcher, [.. launcherArguments, "dotnet", Program, .. arguments]);
        foreach ((string key, string value) in ((string, string)[])
            [("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"), ("HWLOC_COMPONENTS", "-opencl,-gl"), ("UCX_TLS", "self,sm"),
                ("OMPI_MCA_btl_tcp_if_include", "lo"), ("OMPI_MCA_oob_tcp_if_include", "lo"), ("HYDRA_IFACE", "lo")])
        {
            start.Environment[key] = value;
        }

        return Start(start);
    }

    /// <summary>Processes of the program that work on a folder, launchers not among them.</summary>
    public static int[] Ranks(string folder) =>
        [.. from path in Directory.GetDirectories("/proc")
            let name = Path.GetFileName(path)
            where int.TryParse(name, out _) && IsRank(name, folder)
            select int.Parse(name)];

    /// <summary>Kills the last of the processes that work on a folder.</summary>
    public static void KillOneRank(string folder) => Kill(Ranks(folder)[^1]);

    public static void Kill(int process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-KILL", $"{process}"]);
        kill.WaitForExit();
    }

    private static bool IsRank(string process, string folder)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0') is ["dotnet" or "/usr/bin/dotnet", var program, "run", .. var rest] && program == Program && rest.Contains(folder)
                && File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static Process Start(params string[] arguments) => Start(new ProcessStartInfo("dotnet", [Program, .. arguments]));

    /// <summary>Starts the program so that it gives way to all others.</summary>
    public static Process StartNice(params string[] arguments) => Start(new ProcessStartInfo("nice", ["-n", "19", "dotnet", Program, .. arguments]));

    private static Process Start(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.UseShellExecute) = (true, true, false);

        return Process.Start(start)!;
    }

    public static Ended WaitFor(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill();
            Assert.Fail("hpc did not end within 3 minutes");
        }

        return new Ended(process.ExitCode, output.Result, error.Result);
    }

    public static void Signal(Process process, PosixSignal signal)
    {
        int number = signal == PosixSignal.SIGTERM ? 15 : 2;
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{number}", process.Id.ToString()]);
        kill.WaitForExit();
    }
}
