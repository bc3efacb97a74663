namespace Hpc.Cluster.Tests;

public sealed class ArrayPartTests
{
    [Fact]
    public void SharesCoverEveryTaskOnce()
    {
        ArrayPart[] parts = [.. Enumerable.Range(3, 4).Select(id => Read($"{id}", "4", "3", "6")!)];
        for (int position = 0; position < 101; position++)
        {
            Assert.Single(parts, p => p.Contains(position));
        }
    }

    [Fact]
    public void OutsideAnArrayThereIsNone() => Assert.Null(ArrayPart.Read(_ => null));

    [Fact]
    public void AnArrayWithAStepIsRefused() => Assert.Throws<InvalidOperationException>(() => Read("2", "3", "0", "4"));

    private static ArrayPart? Read(string id, string count, string first, string last) => ArrayPart.Read(name => name switch
    {
        "SLURM_ARRAY_TASK_ID" => id,
        "SLURM_ARRAY_TASK_COUNT" => count,
        "SLURM_ARRAY_TASK_MIN" => first,
        "SLURM_ARRAY_TASK_MAX" => last,
        _ => null,
    });
}
