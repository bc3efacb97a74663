using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;

namespace Hpc.Kernels;

/// <summary>Double precision.</summary>
internal readonly struct DoublePrecision : IPrecision<double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<double> Normals(uint key0, uint key1, long step, long block)
    {
        uint w0 = (uint)block, w1 = (uint)(block >> 32), w2 = (uint)step, w3 = (uint)(step >> 32);
        Philox4x32.Block(ref w0, ref w1, ref w2, ref w3, key0, key1);
        Four<double> numbers = default;
        DoubleFunctions<double, long, ScalarDouble>.Normals(w0, w1, out numbers.X, out numbers.Y);
        DoubleFunctions<double, long, ScalarDouble>.Normals(w2, w3, out numbers.Z, out numbers.W);
        return numbers;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Erf(double x) => DoubleFunctions<double, long, ScalarDouble>.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ErfDerivative(double x) => DoubleFunctions<double, long, ScalarDouble>.ErfDerivative(x);
}
