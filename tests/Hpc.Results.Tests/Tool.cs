using System.ComponentModel;
using System.Diagnostics;

namespace Hpc.Results.Tests;

/// <summary>Independent readers of the files: Debian's python3 with h5py, xarray, h5netcdf and netCDF4, and h5dump.</summary>
internal static class Tool
{
    private static readonly Lazy<(int ExitCode, string Output)> Imports =
        new(() => Run(Interpreter, "-c", "import h5py, xarray, h5netcdf, netCDF4"));

    private static string Interpreter => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>Runs a script, whose assertions are the test; skips when a module is missing, except in continuous integration.</summary>
    public static void Python(string script, params string[] arguments)
    {
        Require(Imports.Value.ExitCode == 0, $"python3 with h5py, xarray, h5netcdf and netCDF4 is needed: {Imports.Value.Output}");
        var (exitCode, output) = Run(Interpreter, ["-c", script, .. arguments]);
        Assert.True(exitCode == 0, output);
    }

    public static string H5Dump(params string[] arguments)
    {
        Require(Run("h5dump", "--version").ExitCode == 0, "h5dump (hdf5-tools) is needed.");
        var (exitCode, output) = Run("h5dump", arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }

    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (Win32Exception exception)
        {
            return (-1, exception.Message);
        }
    }

    private static void Require(bool available, string reason)
    {
        Assert.False(!available && Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.SkipUnless(available, reason);
    }
}
