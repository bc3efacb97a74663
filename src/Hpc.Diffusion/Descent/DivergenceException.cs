namespace Hpc.Diffusion.Descent;

/// <summary>A descent left the finite numbers: the message names the epoch and the cause.</summary>
public sealed class DivergenceException(string message) : Exception(message);
