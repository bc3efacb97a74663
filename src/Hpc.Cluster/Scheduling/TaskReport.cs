using System.Text;

namespace Hpc.Cluster;

/// <summary>What a rank tells rank 0.</summary>
/// <param name="Workers">Its number of workers.</param>
/// <param name="Idle">The workers that could start a task at once; null when it wants none.</param>
/// <param name="StopRequested">It was asked to stop.</param>
/// <param name="Running">Tasks at work.</param>
/// <param name="Ended">Tasks that ended since the last report; null outcome: cancelled.</param>
internal sealed record TaskReport(
    int Workers,
    IReadOnlyList<int>? Idle,
    bool StopRequested,
    IReadOnlyList<(int Index, TimeSpan Elapsed)> Running,
    IReadOnlyList<(int Index, TaskOutcome? Outcome)> Ended)
{
    /// <summary>Longest error text that is passed on, in characters.</summary>
    private const int MaximumText = 4000;

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Workers);
        writer.Write(Idle?.Count ?? -1);
        foreach (int worker in Idle ?? [])
        {
            writer.Write(worker);
        }

        writer.Write(StopRequested);
        writer.Write(Running.Count);
        foreach ((int index, TimeSpan elapsed) in Running)
        {
            writer.Write(index);
            writer.Write(elapsed.Ticks);
        }

        writer.Write(Ended.Count);
        foreach ((int index, TaskOutcome? outcome) in Ended)
        {
            writer.Write(index);
            writer.Write(outcome is null ? -1 : outcome.Elapsed.Ticks);
            writer.Write(outcome?.Error is not null);
            if (outcome?.Error is { } error)
            {
                writer.Write(Shorten(error.Message));
                writer.Write(Shorten(error.ToString()));
            }
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <param name="rank">Rank that sent it.</param>
    public static TaskReport Read(byte[] data, int rank)
    {
        using var reader = new BinaryReader(new MemoryStream(data), Encoding.UTF8);
        int workers = reader.ReadInt32();
        int count = reader.ReadInt32();
        int[]? idle = count < 0 ? null : new int[count];
        for (int i = 0; i < count; i++)
        {
            idle![i] = reader.ReadInt32();
        }

        bool stop = reader.ReadBoolean();
        var running = new (int, TimeSpan)[reader.ReadInt32()];
        for (int i = 0; i < running.Length; i++)
        {
            running[i] = (reader.ReadInt32(), new TimeSpan(reader.ReadInt64()));
        }

        var ended = new (int, TaskOutcome?)[reader.ReadInt32()];
        for (int i = 0; i < ended.Length; i++)
        {
            int index = reader.ReadInt32();
            long ticks = reader.ReadInt64();
            RemoteTaskException? error = reader.ReadBoolean() ? new RemoteTaskException(reader.ReadString(), reader.ReadString()) : null;
            ended[i] = (index, ticks < 0 ? null : new TaskOutcome(index, error, new TimeSpan(ticks), rank));
        }

        return new TaskReport(workers, idle, stop, running, ended);
    }

    private static string Shorten(string text) => text.Length <= MaximumText ? text : text[..MaximumText] + "…";
}
