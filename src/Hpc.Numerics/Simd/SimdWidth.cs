using System.Runtime.Intrinsics.X86;

namespace Hpc.Numerics.Simd;

/// <summary>Width of the registers that a kernel computes with.</summary>
public enum SimdWidth
{
    Scalar,

    /// <summary>256 bits with fused multiply-add (AVX2, FMA).</summary>
    Vector256,

    /// <summary>512 bits (AVX-512F).</summary>
    Vector512,
}

/// <summary>Which of the three implementations of every kernel runs on this machine.</summary>
public static class SimdSupport
{
    /// <summary>
    /// The widest usable width. It asks for the instruction set rather than for <c>Vector512.IsHardwareAccelerated</c>, which .NET turns
    /// off on some processors where 512-bit registers are the faster choice. <c>DOTNET_EnableAVX512=0</c> and
    /// <c>DOTNET_EnableHWIntrinsic=0</c> lower it.
    /// </summary>
    public static SimdWidth Widest =>
        Avx512F.IsSupported && Avx512DQ.IsSupported ? SimdWidth.Vector512
        : Avx2.IsSupported && Fma.IsSupported ? SimdWidth.Vector256
        : SimdWidth.Scalar;
}
