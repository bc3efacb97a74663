using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hpc.Kernels.Reductions;

/// <summary>The square of the element.</summary>
internal readonly struct Square : ISummand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => x * x;
}
