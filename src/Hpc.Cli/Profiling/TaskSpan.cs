using System.Diagnostics;
using Hpc.Cli.Running;
using Hpc.Numerics.Profiling;

namespace Hpc.Cli.Profiling;

/// <summary>A task and its stages as activities: the stage that is entered ends the one before it.</summary>
/// <param name="task">The task, which begins now and ends when this is disposed.</param>
/// <param name="next">Who else is told of the stages.</param>
public sealed class TaskSpan(ExperimentTask task, Action<string>? next) : IDisposable
{
    private readonly Activity? whole = Instrumentation.Start("task")?.SetTag("hash", task.Hash).SetTag("seed", task.Seed);
    private Activity? stage;

    /// <summary>Begins a stage, on the thread of the task; with a detail it only says how far the stage is that has begun.</summary>
    public void Enter(string name, string? detail = null)
    {
        if (detail is null)
        {
            Instrumentation.End(stage);
            stage = Instrumentation.Start(name);
        }

        next?.Invoke(detail is null ? name : $"{name}, {detail}");
    }

    public void Dispose()
    {
        Instrumentation.End(stage);
        Instrumentation.End(whole);
    }
}
