using System.Reflection;
using System.Text.RegularExpressions;
using Hpc.Kernels.Devices;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;

namespace Hpc.Kernels.Tests;

/// <summary>Compiles kernels to PTX without a GPU.</summary>
internal static class Ptx
{
    public static string Compile(MethodInfo kernel, CudaArchitecture architecture)
    {
        using var context = Context.Create(ComputeDevice.ConfigureCompiler);
        using var backend = new PTXBackend(context, new CudaCapabilityContext(architecture), architecture, CudaInstructionSet.ISA_78, null);
        string text = ((PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default)).PTXAssembly;

        // What precedes the entry are the bodies of intrinsics, which nothing calls.
        return text[text.IndexOf(".visible .entry", StringComparison.Ordinal)..];
    }

    /// <summary>The largest number of fused multiply-adds between two labels: the innermost loop of a product.</summary>
    public static int MultiplyAddsOfLargestBlock(string ptx, string type) =>
        Regex.Split(ptx, @"^\s*L_\d+:", RegexOptions.Multiline).Max(block => Regex.Count(block, @$"fma\.rn\.{type}\b"));
}
