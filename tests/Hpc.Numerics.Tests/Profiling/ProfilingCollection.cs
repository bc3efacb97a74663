namespace Hpc.Numerics.Tests.Profiling;

/// <summary>Tests that listen to the engine run alone: listeners hear the kernels of the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProfilingCollection
{
    public const string Name = "profiling";
}
