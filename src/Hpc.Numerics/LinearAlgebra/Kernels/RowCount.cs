namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// A number of rows as a type, so that the compiler makes one kernel per number of rows out of one source and drops the rows beyond it.
/// </summary>
internal interface IRowCount
{
    static abstract int Value { get; }
}

/// <summary>The row counts that register tiles have.</summary>
internal static class RowCount
{
    internal readonly struct One : IRowCount
    {
        public static int Value => 1;
    }

    internal readonly struct Two : IRowCount
    {
        public static int Value => 2;
    }

    internal readonly struct Three : IRowCount
    {
        public static int Value => 3;
    }

    internal readonly struct Four : IRowCount
    {
        public static int Value => 4;
    }

    internal readonly struct Five : IRowCount
    {
        public static int Value => 5;
    }

    internal readonly struct Six : IRowCount
    {
        public static int Value => 6;
    }

    internal readonly struct Seven : IRowCount
    {
        public static int Value => 7;
    }

    internal readonly struct Eight : IRowCount
    {
        public static int Value => 8;
    }

    internal readonly struct Nine : IRowCount
    {
        public static int Value => 9;
    }

    internal readonly struct Ten : IRowCount
    {
        public static int Value => 10;
    }

    internal readonly struct Eleven : IRowCount
    {
        public static int Value => 11;
    }

    internal readonly struct Twelve : IRowCount
    {
        public static int Value => 12;
    }

    internal readonly struct Thirteen : IRowCount
    {
        public static int Value => 13;
    }

    internal readonly struct Fourteen : IRowCount
    {
        public static int Value => 14;
    }
}
