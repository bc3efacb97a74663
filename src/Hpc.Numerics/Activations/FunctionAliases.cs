global using Double256Functions = Hpc.Numerics.Activations.DoubleFunctions<
    System.Runtime.Intrinsics.Vector256<double>, System.Runtime.Intrinsics.Vector256<long>, Hpc.Numerics.Simd.Double256>;
global using Double512Functions = Hpc.Numerics.Activations.DoubleFunctions<
    System.Runtime.Intrinsics.Vector512<double>, System.Runtime.Intrinsics.Vector512<long>, Hpc.Numerics.Simd.Double512>;
global using ScalarDoubleFunctions = Hpc.Numerics.Activations.DoubleFunctions<double, long, Hpc.Numerics.Simd.ScalarDouble>;
global using ScalarSingleFunctions = Hpc.Numerics.Activations.SingleFunctions<float, int, Hpc.Numerics.Simd.ScalarSingle>;
global using Single256Functions = Hpc.Numerics.Activations.SingleFunctions<
    System.Runtime.Intrinsics.Vector256<float>, System.Runtime.Intrinsics.Vector256<int>, Hpc.Numerics.Simd.Single256>;
global using Single512Functions = Hpc.Numerics.Activations.SingleFunctions<
    System.Runtime.Intrinsics.Vector512<float>, System.Runtime.Intrinsics.Vector512<int>, Hpc.Numerics.Simd.Single512>;
