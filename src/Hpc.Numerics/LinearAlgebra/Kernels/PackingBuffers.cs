namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>The packing buffers of the thread that starts products, shared by all element types, tiles and epilogues.</summary>
internal static class PackingBuffers
{
    [ThreadStatic]
    private static NativeBuffer? a;

    [ThreadStatic]
    private static NativeBuffer? b;

    public static NativeBuffer A => a ??= new NativeBuffer();

    public static NativeBuffer B => b ??= new NativeBuffer();
}
