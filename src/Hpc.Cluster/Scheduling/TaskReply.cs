namespace Hpc.Cluster;

/// <summary>Rank 0's answer to a report.</summary>
/// <param name="Order">What to do.</param>
/// <param name="Incomplete">With <see cref="TaskOrder.Leave"/>: the run was stopped before every task was done.</param>
/// <param name="Tasks">Tasks and their expected seconds.</param>
internal sealed record TaskReply(TaskOrder Order, bool Incomplete, IReadOnlyList<(int Index, double Seconds)> Tasks)
{
    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write((byte)Order);
        writer.Write(Incomplete);
        writer.Write(Tasks.Count);
        foreach ((int index, double seconds) in Tasks)
        {
            writer.Write(index);
            writer.Write(seconds);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static TaskReply Read(byte[] data)
    {
        using var reader = new BinaryReader(new MemoryStream(data));
        var order = (TaskOrder)reader.ReadByte();
        bool incomplete = reader.ReadBoolean();
        var tasks = new (int, double)[reader.ReadInt32()];
        for (int i = 0; i < tasks.Length; i++)
        {
            tasks[i] = (reader.ReadInt32(), reader.ReadDouble());
        }

        return new TaskReply(order, incomplete, tasks);
    }
}
