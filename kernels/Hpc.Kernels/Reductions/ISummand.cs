using System.Numerics;

namespace Hpc.Kernels.Reductions;

/// <summary>What a reduction adds for each element.</summary>
internal interface ISummand
{
    static abstract T Of<T>(T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
