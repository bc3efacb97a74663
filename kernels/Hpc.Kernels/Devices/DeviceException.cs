namespace Hpc.Kernels.Devices;

/// <summary>
/// A device that was asked for cannot be used; the message says what was given, which devices would do and how to fix it.
/// </summary>
public sealed class DeviceException(string message) : Exception(message);
