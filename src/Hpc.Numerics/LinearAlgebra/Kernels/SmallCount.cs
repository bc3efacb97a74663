namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>The counts of rows and of vectors that register tiles have.</summary>
internal static class SmallCount
{
    internal readonly struct One : ISmallCount
    {
        public static int Value => 1;
    }

    internal readonly struct Two : ISmallCount
    {
        public static int Value => 2;
    }

    internal readonly struct Three : ISmallCount
    {
        public static int Value => 3;
    }

    internal readonly struct Four : ISmallCount
    {
        public static int Value => 4;
    }

    internal readonly struct Five : ISmallCount
    {
        public static int Value => 5;
    }

    internal readonly struct Six : ISmallCount
    {
        public static int Value => 6;
    }

    internal readonly struct Seven : ISmallCount
    {
        public static int Value => 7;
    }

    internal readonly struct Eight : ISmallCount
    {
        public static int Value => 8;
    }

    internal readonly struct Nine : ISmallCount
    {
        public static int Value => 9;
    }

    internal readonly struct Ten : ISmallCount
    {
        public static int Value => 10;
    }

    internal readonly struct Eleven : ISmallCount
    {
        public static int Value => 11;
    }

    internal readonly struct Twelve : ISmallCount
    {
        public static int Value => 12;
    }
}
