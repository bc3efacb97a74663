namespace Hpc.Cluster;

/// <summary>Rank 0's answer to a report.</summary>
/// <param name="Order">What to do.</param>
/// <param name="Incomplete">With <see cref="TaskOrder.Leave"/>: the run was stopped before every task was done.</param>
/// <param name="Tasks">Tasks, their expected seconds, and whose of the rank's workers each is; null: anyone's.</param>
internal sealed record TaskReply(TaskOrder Order, bool Incomplete, IReadOnlyList<(int Index, double Seconds, int? Worker)> Tasks)
{
    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write((byte)Order);
        writer.Write(Incomplete);
        writer.Write(Tasks.Count);
        foreach ((int index, double seconds, int? worker) in Tasks)
        {
            writer.Write(index);
            writer.Write(seconds);
            writer.Write(worker ?? -1);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static TaskReply Read(byte[] data)
    {
        using var reader = new BinaryReader(new MemoryStream(data));
        var order = (TaskOrder)reader.ReadByte();
        bool incomplete = reader.ReadBoolean();
        var tasks = new (int, double, int?)[reader.ReadInt32()];
        for (int i = 0; i < tasks.Length; i++)
        {
            (int index, double seconds, int worker) = (reader.ReadInt32(), reader.ReadDouble(), reader.ReadInt32());
            tasks[i] = (index, seconds, worker < 0 ? null : worker);
        }

        return new TaskReply(order, incomplete, tasks);
    }
}
