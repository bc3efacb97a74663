using System.Runtime.InteropServices;

namespace Hpc.Kernels.Covariance;

/// <summary>Eight numbers in registers: a group of orders.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Eight<T>
    where T : unmanaged
{
    public T A;
    public T B;
    public T C;
    public T D;
    public T E;
    public T F;
    public T G;
    public T H;
}
