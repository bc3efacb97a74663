using System.Runtime.InteropServices;

namespace Hpc.Cluster;

/// <summary>The few functions of the C library that .NET does not offer.</summary>
internal static unsafe partial class NativeMethods
{
    public const int LoadNow = 2;

    public const int LoadGlobal = 0x100;

    public const int ReadOnly = 0;

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint DlOpen(string name, int flags);

    /// <summary>Environment.SetEnvironmentVariable does not reach native code; this does.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "sigaction")]
    public static partial int SigAction(int signal, void* action, void* previous);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int file, Span<byte> buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int file);
}
