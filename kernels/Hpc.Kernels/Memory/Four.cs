using System.Runtime.InteropServices;

namespace Hpc.Kernels.Memory;

/// <summary>Four neighbouring elements of a row: what one vectorized load or store moves.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Four<T>
    where T : unmanaged
{
    public T X;
    public T Y;
    public T Z;
    public T W;
}
