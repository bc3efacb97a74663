namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>Checks that the products share.</summary>
internal static class ProductArguments
{
    public static void RequireFloatOrDouble<T>()
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new NotSupportedException($"Matrix products take float or double, not {typeof(T).Name}: convert the matrices first.");
        }
    }
}
