using System.Runtime.InteropServices;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>Aligned native memory that grows and never shrinks; freed by the finalizer, since it lives as long as its thread.</summary>
internal sealed unsafe class NativeBuffer
{
    // A page: packed panels start on one, which also serves the widest register.
    private const int Alignment = 4096;

    private void* pointer;
    private nuint size;

    ~NativeBuffer() => NativeMemory.AlignedFree(pointer);

    /// <summary>Memory for at least <paramref name="count"/> elements. What was in the buffer before is lost when it grows.</summary>
    public T* Reserve<T>(nint count)
        where T : unmanaged
    {
        nuint bytes = (nuint)count * (nuint)sizeof(T);
        if (bytes > size)
        {
            NativeMemory.AlignedFree(pointer);
            pointer = null;
            size = 0;
            pointer = NativeMemory.AlignedAlloc(bytes, Alignment);
            size = bytes;
        }

        return (T*)pointer;
    }
}
