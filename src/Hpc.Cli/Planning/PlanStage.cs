namespace Hpc.Cli.Planning;

/// <summary>One stage of a task as it is foreseen.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Flops">Floating-point operations.</param>
/// <param name="Bytes">Bytes that are read from memory or written to it at least.</param>
/// <param name="Seconds">Predicted time.</param>
public sealed record PlanStage(string Name, double Flops, double Bytes, double Seconds)
{
    /// <summary>Whether tasks with the same covariance have it in common.</summary>
    public bool IsCommon { get; init; }
}
