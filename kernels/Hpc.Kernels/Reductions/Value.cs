using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hpc.Kernels.Reductions;

/// <summary>The element itself.</summary>
internal readonly struct Value : ISummand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => x;
}
