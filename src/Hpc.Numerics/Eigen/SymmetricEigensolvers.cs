using System.Runtime.InteropServices;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Eigen;

/// <summary>Finds the eigensolvers of this machine. A library is offered only after it has decomposed a small matrix correctly.</summary>
public static class SymmetricEigensolvers
{
    private const string Managed = "managed";

    /// <summary>
    /// Libraries in the order of preference. With vectors, n = 500 and n = 1000, one thread of a Zen 5 core: OpenBLAS 0.3.21 0.04 and
    /// 0.25 s, reference LAPACK 3.11 0.15 and 1.2 s, managed 0.25 and 2.9 s; so even the reference comes before the managed one.
    /// </summary>
    private static readonly (string Name, string[] Files)[] Libraries =
    [
        ("openblas", OperatingSystem.IsWindows() ? ["libopenblas.dll", "openblas.dll"]
            : OperatingSystem.IsMacOS() ? ["libopenblas.0.dylib", "libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"]
            : ["libopenblas.so.0", "libopenblas.so"]),
        ("mkl", OperatingSystem.IsWindows() ? ["mkl_rt.2.dll", "mkl_rt.dll"]
            : OperatingSystem.IsMacOS() ? ["libmkl_rt.2.dylib", "libmkl_rt.dylib"]
            : ["libmkl_rt.so.2", "libmkl_rt.so"]),
        ("lapack", OperatingSystem.IsWindows() ? ["liblapack.dll"]
            : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/Accelerate.framework/Accelerate", "liblapack.dylib"]
            : ["liblapack.so.3", "liblapack.so"]),
    ];

    // One solver a library: it holds the library's number of threads.
    private static readonly Dictionary<nint, LapackEigensolver> Bound = [];

    /// <summary>The solver of a name.</summary>
    /// <param name="preference">
    /// "auto" (the first usable of openblas, mkl, lapack, managed), one of these names, or the path of a shared library that exports
    /// LAPACK's dsyevd.
    /// </param>
    /// <exception cref="ArgumentException">The solver is unknown, or not usable here; the message lists what is.</exception>
    public static ISymmetricEigensolver Find(string preference)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(preference);
        if (preference == Managed)
        {
            return new ManagedEigensolver();
        }

        string reason;
        if (preference == "auto")
        {
            foreach ((string name, string[] files) in Libraries)
            {
                if (TryBind(files, out reason) is { } found)
                {
                    return found;
                }
            }

            return new ManagedEigensolver();
        }

        string[]? known = Libraries.Where(l => l.Name == preference).Select(l => l.Files).FirstOrDefault();
        if (known is null && !preference.Contains('/') && !preference.Contains('.') && !preference.Contains('\\'))
        {
            reason = "it is neither a known name nor a path";
        }
        else if (TryBind(known ?? [preference], out reason) is { } found)
        {
            return found;
        }

        IEnumerable<string> candidates = Candidates().Select(c => $"  {c.Name}: {(c.Usable ? c.Reason : $"not usable, {c.Reason}")}");
        throw new ArgumentException(
            $"The eigensolver '{preference}' is not usable: {reason}. Allowed are auto, the path of a LAPACK library, or\n"
            + string.Join('\n', candidates),
            nameof(preference));
    }

    /// <summary>Every known solver in the order in which "auto" tries them, found or not.</summary>
    public static IReadOnlyList<EigensolverCandidate> Candidates()
    {
        var candidates = new List<EigensolverCandidate>();
        foreach ((string name, string[] files) in Libraries)
        {
            LapackEigensolver? found = TryBind(files, out string reason);
            candidates.Add(new EigensolverCandidate(name, found is not null, found?.Description ?? reason));
        }

        candidates.Add(new EigensolverCandidate(Managed, true, new ManagedEigensolver().Description));
        return candidates;
    }

    private static LapackEigensolver? TryBind(string[] files, out string reason)
    {
        reason = $"none of {string.Join(", ", files)} can be loaded";
        foreach (string file in files)
        {
            if (!NativeLibrary.TryLoad(file, out nint library))
            {
                continue;
            }

            lock (Bound)
            {
                if (Bound.TryGetValue(library, out LapackEigensolver? solver))
                {
                    return solver;
                }

                try
                {
                    solver = new LapackEigensolver(library, file);
                }
                catch (EntryPointNotFoundException)
                {
                    reason = $"{file} does not export dsyevd_";
                    continue;
                }

                if (!DecomposesCorrectly(solver))
                {
                    reason = $"dsyevd of {file} gives wrong results";
                    continue;
                }

                Bound.Add(library, solver);
                return solver;
            }
        }

        return null;
    }

    /// <summary>Tries the matrix [2 −1 0; −1 2 −1; 0 −1 2], whose eigenvalues are 2 − √2, 2 and 2 + √2.</summary>
    private static bool DecomposesCorrectly(LapackEigensolver solver)
    {
        using var a = new Matrix<double>(3, 3);
        (a[0, 0], a[1, 1], a[2, 2]) = (2, 2, 2);
        (a[0, 1], a[1, 0], a[1, 2], a[2, 1]) = (-1, -1, -1, -1);
        Span<double> values = stackalloc double[3];
        try
        {
            solver.Decompose(a, values, true, 1);
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        // The second eigenvector is (1, 0, −1)/√2.
        return Math.Abs(values[0] - (2 - Math.Sqrt(2))) < 1e-14 && Math.Abs(values[1] - 2) < 1e-14
            && Math.Abs(values[2] - (2 + Math.Sqrt(2))) < 1e-14
            && Math.Abs(a[1, 1]) < 1e-14 && Math.Abs(a[1, 0] + a[1, 2]) < 1e-14 && Math.Abs(Math.Abs(a[1, 0]) - Math.Sqrt(0.5)) < 1e-14;
    }
}
