using System.Runtime.InteropServices;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli;

/// <summary>The program <c>hpc-ddpm</c> (src/Hpc.Ddpm), which runs specs with a <c>ddpm</c> block. It is built by itself, since it needs libtorch.</summary>
internal static partial class DdpmProgram
{
    /// <summary>Environment variable that names the program.</summary>
    private const string Variable = "HPC_DDPM";

    private const string Name = "hpc-ddpm";

    /// <summary>Whether a verb is asked for a spec, or for the output folder of one, that has a <c>ddpm</c> block.</summary>
    public static bool Serves(string[] arguments) => arguments.Length > 0 && arguments.Skip(1).Any(argument => arguments[0] switch
    {
        "run" or "plan" => HasBlock(argument),
        "merge" or "status" or "plot" => HasBlock(Path.Combine(argument, "spec.json")),
        _ => false,
    });

    /// <summary>Puts that program in the place of this process, with the same arguments; signals, launcher and terminal are then its own.</summary>
    /// <exception cref="UsageException">It is not built, or cannot be started. This method does not return otherwise.</exception>
    public static int Become(string[] arguments)
    {
        string program = Find() ?? throw new UsageException(
            $"the spec has a \"ddpm\" block, and the program that runs it is not built: dotnet build -c Release src/Hpc.Ddpm (downloads libtorch, 128 MB); or name it with {Variable}");

        // Started as 'dotnet hpc.dll', the other is so, too: there may be no other way to find the runtime.
        bool hosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        string[] command = hosted ? [Environment.ProcessPath!, program + ".dll", .. arguments] : [program, .. arguments];
        _ = Replace(command[0], [.. command, null]);
        throw new UsageException($"cannot start '{command[0]}': {Marshal.GetLastPInvokeErrorMessage()}; build it again, or name it with {Variable}");
    }

    private static bool HasBlock(string path)
    {
        try
        {
            return File.Exists(path) && SpecReader.ReadTree(path).ContainsKey("ddpm");
        }
        catch (SpecException)
        {
            return false;
        }
    }

    /// <summary>Where it is: as the variable says, beside this program, or where the source tree has it in the same configuration.</summary>
    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            string path = given.EndsWith(".dll", StringComparison.Ordinal) ? given[..^4] : given;
            return File.Exists(path) ? path : throw new UsageException($"{Variable} is '{given}', which is not there; allowed is the path of {Name}");
        }

        // …/src/Hpc.Cli/bin/Release/net10.0/linux-x64
        string here = AppContext.BaseDirectory, project = Path.GetFullPath(Path.Combine(here, "../../../.."));
        string other = Path.Combine(Path.GetDirectoryName(project)!, "Hpc.Ddpm", Path.GetRelativePath(project, here));
        return ((string[])[Path.Combine(here, Name), Path.Combine(other, Name)]).FirstOrDefault(File.Exists);
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Replace(string path, string?[] arguments);
}
