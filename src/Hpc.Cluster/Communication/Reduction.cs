namespace Hpc.Cluster;

/// <summary>How the values of all ranks are combined, element by element.</summary>
public enum Reduction
{
    Sum,
    Max,
}
