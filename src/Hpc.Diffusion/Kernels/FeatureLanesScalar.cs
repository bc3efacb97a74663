using System.Runtime.CompilerServices;

namespace Hpc.Diffusion.Kernels;

/// <summary>One lane: the plain loop that the vector kernels are compared with.</summary>
internal readonly unsafe struct FeatureLanesScalar<T> : IFeatureLanes<T, double>
    where T : unmanaged
{
    public static int Count => 1;

    public static bool ManyRegisters => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(double* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Widen(T* source) =>
        typeof(T) == typeof(float) ? *(float*)source : Load((double*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double value, double* target) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Broadcast(double value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double MultiplyAdd(double a, double b, double c) => a * b + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(double value) => value;

    public static void Prefetch(T* address)
    {
    }
}
