using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;

namespace Hpc.Kernels;

/// <summary>Single precision.</summary>
internal readonly struct SinglePrecision : IPrecision<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<float> Normals(uint key0, uint key1, long step, long block)
    {
        uint w0 = (uint)block, w1 = (uint)(block >> 32), w2 = (uint)step, w3 = (uint)(step >> 32);
        Philox4x32.Block(ref w0, ref w1, ref w2, ref w3, key0, key1);
        Four<float> numbers = default;
        SingleFunctions<float, int, ScalarSingle>.Normals((int)w0, (int)w1, out numbers.X, out numbers.Y);
        SingleFunctions<float, int, ScalarSingle>.Normals((int)w2, (int)w3, out numbers.Z, out numbers.W);
        return numbers;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Erf(float x) => SingleFunctions<float, int, ScalarSingle>.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ErfDerivative(float x) => SingleFunctions<float, int, ScalarSingle>.ErfDerivative(x);
}
