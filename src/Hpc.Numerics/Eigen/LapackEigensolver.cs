using System.Runtime.InteropServices;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;

namespace Hpc.Numerics.Eigen;

/// <summary>
/// LAPACK's divide-and-conquer routine dsyevd from a shared library that is bound at run time: OpenBLAS, MKL, Accelerate or the reference
/// implementation.
/// </summary>
/// <remarks>
/// Integers are passed as 64 bits with the high half zero, which a library built with 32-bit and one built with 64-bit integers read alike
/// on a little-endian machine. The number of threads is a setting of the whole library: decompositions that use the same number run side
/// by side, one that needs another number waits until the others have ended.
/// </remarks>
internal sealed unsafe class LapackEigensolver : ISymmetricEigensolver
{
    private readonly delegate* unmanaged[Cdecl]<
        byte*, byte*, long*, double*, long*, double*, double*, long*, long*, long*, long*, nuint, nuint, void> dsyevd;

    private readonly delegate* unmanaged[Cdecl]<int, void> setThreads;
    private readonly object gate = new();
    private int running;
    private int libraryThreads;

    /// <param name="library">Handle of the loaded library.</param>
    /// <param name="file">Name it was loaded by.</param>
    /// <exception cref="EntryPointNotFoundException">The library has no dsyevd.</exception>
    public LapackEigensolver(nint library, string file)
    {
        dsyevd = (delegate* unmanaged[Cdecl]<
            byte*, byte*, long*, double*, long*, double*, double*, long*, long*, long*, long*, nuint, nuint, void>)
            NativeLibrary.GetExport(library, "dsyevd_");
        if (NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out nint symbol)
            || NativeLibrary.TryGetExport(library, "MKL_Set_Num_Threads", out symbol))
        {
            setThreads = (delegate* unmanaged[Cdecl]<int, void>)symbol;
        }

        Description = $"{Identify(library)} ({file}), dsyevd";
    }

    public string Description { get; }

    public void Decompose(Matrix<double> a, Span<double> eigenvalues, bool vectors, int threads)
    {
        EigensolverArguments.Check(a, eigenvalues, threads);
        int n = a.Rows;
        CheckOrder(n, vectors);
        if (n == 0)
        {
            return;
        }

        using KernelScope scope = EigensolverArguments.Enter(n, vectors);
        (long workLength, long integerLength) = WorkLengths(n, vectors);
        double* work = (double*)NativeMemory.Alloc((nuint)workLength, sizeof(double));
        long* integerWork = (long*)NativeMemory.Alloc((nuint)integerLength, sizeof(long));
        long info;
        Enter(threads);
        try
        {
            fixed (double* values = eigenvalues)
            {
                info = Call(n, vectors, a.Pointer, values, work, workLength, integerWork, integerLength);
            }
        }
        finally
        {
            Leave();
            NativeMemory.Free(integerWork);
            NativeMemory.Free(work);
        }

        if (info != 0)
        {
            throw new InvalidOperationException($"dsyevd of {Description} did not converge for a matrix of {n} rows (info = {info}).");
        }
    }

    public long WorkspaceBytes(int n, bool vectors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        CheckOrder(n, vectors);
        (long workLength, long integerLength) = WorkLengths(n, vectors);
        return (workLength + integerLength) * sizeof(double);
    }

    private static void CheckOrder(int n, bool vectors)
    {
        // dsyevd with vectors needs a workspace of 1 + 6n + 2n² elements and counts it in 32-bit integers.
        const int LargestOrder = 32766;
        if (vectors && n > LargestOrder)
        {
            throw new NotSupportedException(
                $"dsyevd computes eigenvectors of at most {LargestOrder} rows, the matrix has {n}: lower features, or use spectrum method "
                + "lanczos.");
        }
    }

    private static string Identify(nint library)
    {
        if (NativeLibrary.TryGetExport(library, "openblas_get_config", out nint symbol))
        {
            string? configuration = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*>)symbol)());
            return string.Join(' ', (configuration ?? "OpenBLAS").Split(' ').Take(2));
        }

        if (NativeLibrary.TryGetExport(library, "MKL_Get_Version_String", out symbol))
        {
            const int Length = 198;
            byte* text = stackalloc byte[Length + 1];
            ((delegate* unmanaged[Cdecl]<byte*, int, void>)symbol)(text, Length);
            text[Length] = 0;
            return (Marshal.PtrToStringUTF8((nint)text) ?? "MKL").Trim();
        }

        if (NativeLibrary.TryGetExport(library, "ilaver_", out symbol))
        {
            long major = 0;
            long minor = 0;
            long patch = 0;
            ((delegate* unmanaged[Cdecl]<long*, long*, long*, void>)symbol)(&major, &minor, &patch);
            return $"LAPACK {major}.{minor}.{patch}";
        }

        return "LAPACK";
    }

    /// <summary>Lengths that dsyevd itself recommends: the least allowed without vectors would switch its blocked code off.</summary>
    private (long Work, long Integers) WorkLengths(int n, bool vectors)
    {
        double work = 0;
        double unused = 0;
        long integers = 0;
        Call(n, vectors, &unused, &unused, &work, -1, &integers, -1);
        return ((long)work, (int)integers);
    }

    private long Call(int n, bool vectors, double* a, double* values, double* work, long workLength, long* integers, long integerLength)
    {
        byte job = (byte)(vectors ? 'V' : 'N');
        byte triangle = (byte)'L';
        long order = n;
        long leading = Math.Max(n, 1);
        long info = 0;

        // LAPACK stores columns: it sees the transpose, the same symmetric matrix, and its column k of eigenvectors is our row k.
        dsyevd(&job, &triangle, &order, a, &leading, values, work, &workLength, integers, &integerLength, &info, 1, 1);
        return (int)info;
    }

    private void Enter(int threads)
    {
        lock (gate)
        {
            while (running > 0 && threads != libraryThreads)
            {
                Monitor.Wait(gate);
            }

            if (threads != libraryThreads)
            {
                if (setThreads != null)
                {
                    setThreads(threads);
                }

                libraryThreads = threads;
            }

            running++;
        }
    }

    private void Leave()
    {
        lock (gate)
        {
            running--;
            Monitor.PulseAll(gate);
        }
    }
}
