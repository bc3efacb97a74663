using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Descent;
using Hpc.Kernels.Ladder;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Kernels.Sampling;
using Hpc.Numerics.Activations;
using ILGPU.Runtime.Cuda;

namespace Hpc.Kernels.Tests;

/// <summary>What ILGPU makes of the kernels for NVIDIA's Ampere and Hopper; no GPU is needed.</summary>
public class PtxTests
{
    private static readonly ConcurrentDictionary<(string Kernel, string Type, CudaArchitecture Architecture), Lazy<string>>
        Compiled = new();

    public static TheoryData<string, string, CudaArchitecture> Kernels()
    {
        var data = new TheoryData<string, string, CudaArchitecture>();
        foreach (CudaArchitecture architecture in (CudaArchitecture[])[CudaArchitecture.SM_80, CudaArchitecture.SM_90])
        {
            foreach (string kernel in All<float, SinglePrecision>().Keys)
            {
                data.Add(kernel, "f32", architecture);
                data.Add(kernel, "f64", architecture);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_kernel_uses_no_local_memory_no_call_and_no_approximate_instruction(
        string kernel, string type, CudaArchitecture architecture)
    {
        string ptx = Compile(kernel, type, architecture);
        Assert.DoesNotContain(".local", ptx);
        Assert.DoesNotContain(".approx", ptx);
        Assert.DoesNotContain("call", ptx);
        Assert.DoesNotContain(type == "f32" ? ".f64\t" : ".f32\t", Instructions(ptx));
    }

    [Theory]
    [InlineData(nameof(ConversionKernels.Widen), "cvt.f64.f32")]
    [InlineData(nameof(ConversionKernels.Narrow), "cvt.rn.f32.f64")]
    public void Conversions_round_to_the_nearest_and_call_nothing(string name, string instruction)
    {
        foreach (CudaArchitecture architecture in (CudaArchitecture[])[CudaArchitecture.SM_80, CudaArchitecture.SM_90])
        {
            string ptx = Ptx.Compile(typeof(ConversionKernels).GetMethod(name)!, architecture);
            Assert.Contains(instruction, ptx);
            Assert.DoesNotContain(".local", ptx);
            Assert.DoesNotContain(".approx", ptx);
            Assert.DoesNotContain("call", ptx);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Loads_name_their_memory(string kernel, string type, CudaArchitecture architecture)
    {
        string ptx = Compile(kernel, type, architecture);
        Assert.DoesNotMatch(@"\bld\.(b|f|v|u|s)\d", ptx);
        Assert.DoesNotMatch(@"\bst\.(b|f|v|u|s)\d", ptx);
    }

    [Theory]
    [InlineData("features", "f32")]
    [InlineData("features", "f64")]
    [InlineData("slice", "f32")]
    [InlineData("slice", "f64")]
    [InlineData("mehler", "f32")]
    [InlineData("mehler", "f64")]
    public void The_inner_loop_of_a_product_has_64_multiply_adds(string kernel, string type) =>
        Assert.Equal(64, Ptx.MultiplyAddsOfLargestBlock(Compile(kernel, type, CudaArchitecture.SM_80), type));

    [Theory]
    [InlineData("features")]
    [InlineData("residual")]
    [InlineData("slice")]
    [InlineData("mehler")]
    public void Factors_are_loaded_in_quads(string kernel)
    {
        string single = Compile(kernel, "f32", CudaArchitecture.SM_80), twice = Compile(kernel, "f64", CudaArchitecture.SM_80);
        Assert.Contains("ld.global.v4.f32", single);
        Assert.Equal(4, Regex.Count(single, @"ld\.shared\.v4\.f32"));
        Assert.DoesNotContain("ld.shared.f32", single);
        Assert.Contains("ld.global.v2.f64", twice);
        Assert.DoesNotContain("ld.shared.f64", twice);
    }

    private static string Compile(string kernel, string type, CudaArchitecture architecture) => Compiled.GetOrAdd(
        (kernel, type, architecture),
        key => new Lazy<string>(() => Ptx.Compile(
            (key.Type == "f32" ? All<float, SinglePrecision>() : All<double, DoublePrecision>())[key.Kernel], key.Architecture))).Value;

    /// <summary>Without the declarations of registers.</summary>
    private static string Instructions(string ptx) => string.Join('\n', ptx.Split('\n').Where(line => !line.Contains(".reg")));

    private static Dictionary<string, MethodInfo> All<T, TPrecision>()
    {
        Type blocks = typeof(BlockSizes.Gpu), registers = typeof(RegisterTile8<>).MakeGenericType(typeof(T));
        Type linear = typeof(Linear<>).MakeGenericType(typeof(T)), along = typeof(AlongRows), across = typeof(AcrossRows);
        return new Dictionary<string, MethodInfo>
        {
            ["features"] = Kernel(typeof(ProductKernel), nameof(ProductKernel.Run), typeof(T), blocks, registers, along, along,
                typeof(Tanh)),
            ["features erf"] = Kernel(typeof(ProductKernel), nameof(ProductKernel.Run), typeof(T), blocks, registers, along, along,
                typeof(Erf)),
            ["features relu"] = Kernel(typeof(ProductKernel), nameof(ProductKernel.Run), typeof(T), blocks, registers, along, along,
                typeof(Relu)),
            ["residual"] = Kernel(typeof(ProductKernel), nameof(ProductKernel.Run), typeof(T), blocks, registers, across, across, linear),
            ["gradient"] = Kernel(typeof(ProductKernel), nameof(ProductKernel.Run), typeof(T), blocks, registers, along, across, linear),
            ["slice"] = Kernel(typeof(ProductKernel), nameof(ProductKernel.RunSlice), typeof(T), blocks, registers, across, across),
            ["sum"] = Kernel(typeof(SumSlicesKernel), nameof(SumSlicesKernel.Run), typeof(T), typeof(Tanh)),
            ["mehler"] = Kernel(typeof(MehlerSyrkKernel), nameof(MehlerSyrkKernel.Run), typeof(T), blocks, registers),
            ["hermite"] = Kernel(typeof(HermiteCoefficientsKernel), nameof(HermiteCoefficientsKernel.Run), typeof(T), typeof(Tanh)),
            ["relu coefficients"] = Kernel(typeof(ReluCoefficientsKernel), nameof(ReluCoefficientsKernel.Run), typeof(T),
                typeof(TPrecision)),
            ["remainder"] = Kernel(typeof(RemainderKernel), nameof(RemainderKernel.Run), typeof(T), blocks),
            ["step"] = Kernel(typeof(StepKernel), nameof(StepKernel.Run), typeof(T)),
            ["sample errors"] = Kernel(typeof(SampleErrorsKernel), nameof(SampleErrorsKernel.Run), typeof(T), blocks),
            ["padding"] = Kernel(typeof(ClearPaddingKernel), nameof(ClearPaddingKernel.Run), typeof(T)),
            ["diagonal"] = Kernel(typeof(SetDiagonalKernel), nameof(SetDiagonalKernel.Run), typeof(T)),
            ["naive rung"] = Kernel(typeof(NaiveRung), nameof(NaiveRung.Run), typeof(T)),
            ["shared rung"] = Kernel(typeof(SharedRung), nameof(SharedRung.Run), typeof(T)),
            ["register rung"] = Kernel(typeof(RegisterRung), nameof(RegisterRung.Run), typeof(T)),
            ["vector rung"] = Kernel(typeof(VectorRung), nameof(VectorRung.Run), typeof(T), blocks, registers),
            ["noised"] = Kernel(typeof(NoisedSamplesKernel), nameof(NoisedSamplesKernel.Run), typeof(T), typeof(TPrecision)),
            ["row sums"] = Kernel(typeof(RowSumsKernel), nameof(RowSumsKernel.Run), typeof(T), blocks, typeof(Square)),
        };
    }

    private static MethodInfo Kernel(Type type, string name, params Type[] arguments) => type.GetMethod(name)!.MakeGenericMethod(arguments);
}
