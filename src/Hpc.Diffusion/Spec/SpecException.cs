namespace Hpc.Diffusion.Spec;

/// <summary>A spec or an override that cannot be run: the message says what was given, what is allowed and how to fix it.</summary>
public sealed class SpecException(string message) : Exception(message);
