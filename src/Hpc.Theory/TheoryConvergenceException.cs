namespace Hpc.Theory;

/// <summary>The equations could not be solved to the promised accuracy on the physical branch; no value is returned instead.</summary>
public sealed class TheoryConvergenceException(string message) : Exception(message);
