using System.Diagnostics;
using System.Text;

namespace Hpc.Cluster.Tests.Launching;

/// <summary>A program that a test has started; killed with all its descendants at the end.</summary>
internal sealed class RunningProcess : IDisposable
{
    /// <summary>Far above what anything here takes, on a machine with many times more work than processors.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly CountdownEvent streams = new(2);

    private RunningProcess(Process process) => this.process = process;

    public int Id => process.Id;

    public static RunningProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        var running = new RunningProcess(new Process { StartInfo = info });
        running.process.OutputDataReceived += (_, e) => running.Append(running.output, e.Data);
        running.process.ErrorDataReceived += (_, e) => running.Append(running.error, e.Data);
        running.process.Start();
        running.process.StandardInput.Close();
        running.process.BeginOutputReadLine();
        running.process.BeginErrorReadLine();
        return running;
    }

    public static ProcessResult Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        using RunningProcess running = Start(program, arguments, environment);
        return running.Wait();
    }

    public ProcessResult Wait()
    {
        if (!process.WaitForExit(Patience))
        {
            throw new TimeoutException($"{process.StartInfo.FileName} did not end in {Patience}:\n{output}\n{error}");
        }

        // What was printed last is still on its way; a descendant that outlives the program may hold its pipes for longer.
        _ = streams.Wait(TimeSpan.FromSeconds(5));
        lock (output)
        {
            lock (error)
            {
                return new ProcessResult(process.ExitCode, output.ToString(), error.ToString());
            }
        }
    }

    public void Signal(string name) => Run("kill", [$"-{name}", $"{Id}"]);

    /// <summary>Waits for a condition while the program runs.</summary>
    public void WaitFor(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (process.HasExited || clock.Elapsed > Patience)
            {
                throw new TimeoutException($"{process.StartInfo.FileName} did not come so far: {(process.HasExited ? Wait() : output)}");
            }

            Thread.Sleep(10);
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private void Append(StringBuilder text, string? line)
    {
        if (line is null)
        {
            streams.Signal();
            return;
        }

        lock (text)
        {
            text.AppendLine(line);
        }
    }
}
