using System.Reflection;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace Hpc.Kernels.Arithmetic;

/// <summary>
/// Teaches ILGPU the a·b + c that rounds once: <see cref="Math.FusedMultiplyAdd"/> and <see cref="MathF.FusedMultiplyAdd"/> become
/// <c>fma.rn</c> in PTX and <c>fma</c> in OpenCL C. With it the activations and normals, compiled from the same source, agree with the
/// SIMD path bit for bit.
/// </summary>
internal static class FusedMultiplyAdd
{
    private static readonly Lazy<bool> Remapped = new(() =>
    {
        Remap(typeof(MathF), typeof(float));
        Remap(typeof(Math), typeof(double));
        return true;
    });

    /// <summary>Registers the code generators with a context that is being built.</summary>
    public static void Register(Context.Builder builder)
    {
        _ = Remapped.Value;
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        foreach (Type type in (Type[])[typeof(float), typeof(double)])
        {
            manager.RegisterMethod(
                Method(nameof(Invoke), type),
                new PTXIntrinsic(typeof(FusedMultiplyAdd), nameof(GeneratePtx), IntrinsicImplementationMode.GenerateCode));
            manager.RegisterMethod(
                Method(nameof(Invoke), type),
                new CLIntrinsic(typeof(FusedMultiplyAdd), nameof(GenerateOpenCl), IntrinsicImplementationMode.GenerateCode));
        }
    }

    [IntrinsicImplementation]
    public static float Invoke(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    [IntrinsicImplementation]
    public static double Invoke(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);

    public static void GeneratePtx(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        var a = generator.LoadPrimitive(call[0]);
        var b = generator.LoadPrimitive(call[1]);
        var c = generator.LoadPrimitive(call[2]);
        var target = generator.AllocateHardware(value);
        using var command = generator.BeginCommand(value.BasicValueType == BasicValueType.Float64 ? "fma.rn.f64" : "fma.rn.f32");
        command.AppendArgument(target);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }

    public static void GenerateOpenCl(CLBackend backend, CLCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        var a = generator.Load(call[0]);
        var b = generator.Load(call[1]);
        var c = generator.Load(call[2]);
        using var statement = generator.BeginStatement(generator.Allocate(value));
        statement.AppendCommand("fma");
        statement.BeginArguments();
        statement.AppendArgument(a);
        statement.AppendArgument(b);
        statement.AppendArgument(c);
        statement.EndArguments();
    }

    private static void Remap(Type mathematics, Type type)
    {
        MethodInfo target = Method(nameof(Invoke), type);
        RemappedIntrinsics.AddRemapping(
            mathematics.GetMethod(nameof(Math.FusedMultiplyAdd), [type, type, type])!, (ref InvocationContext context) =>
                context.Method = target);
    }

    private static MethodInfo Method(string name, Type type) => typeof(FusedMultiplyAdd).GetMethod(name, [type, type, type])!;
}
