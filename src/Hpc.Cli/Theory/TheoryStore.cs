using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Cli.Theory;

/// <summary>
/// Loss curves of the theory that were computed before, one file each in a folder: they take most of the time of a merge. A file is named by a hash
/// of all that the curves depend on, the compiled theory among it, so that nothing stale is ever read.
/// </summary>
/// <param name="folder">The folder, made with the first file.</param>
public sealed class TheoryStore(string folder)
{
    private readonly ConcurrentDictionary<string, Lazy<LossCurves>> curves = [];

    /// <summary>The curves of <see cref="LossCurves.Compute"/>.</summary>
    public LossCurves Losses(TheoryModel model, IReadOnlyList<double> s, double? learningRate)
    {
        string name = Hash(model, s, learningRate);
        return curves.GetOrAdd(name, _ => new Lazy<LossCurves>(() => Find(Path.Combine(folder, name + ".h5"), model, s, learningRate))).Value;
    }

    private static LossCurves Find(string file, TheoryModel model, IReadOnlyList<double> s, double? learningRate)
    {
        if (File.Exists(file))
        {
            try
            {
                return Read(ResultFile.Read(file));
            }
            catch (Exception e) when (e is InvalidDataException or KeyNotFoundException or InvalidCastException)
            {
                // A damaged file is computed again.
            }
        }

        LossCurves computed = LossCurves.Compute(model, s, learningRate);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        ResultFile.Write(file, Write(computed));
        return computed;
    }

    private static ResultGroup Write(LossCurves losses)
    {
        int times = losses.S.Count, classes = losses.Train.Count;
        return new ResultGroup(
            [
                new Dataset("s", ["s"], [times], losses.S.ToArray(), "1", "rescaled training time s"),
                new Dataset("class", ["class"], [classes], Enumerable.Range(1, classes).Select(c => (long)c).ToArray(), "1", "class c"),
                new Dataset("train_loss", ["class", "s"], [classes, times], losses.Train.SelectMany(c => c).ToArray(), "1", "theory: train loss L_train^c"),
                new Dataset("test_loss", ["class", "s"], [classes, times], losses.Test.SelectMany(c => c).ToArray(), "1", "theory: test loss L_test^c"),
            ],
            new Dictionary<string, object> { ["error"] = losses.Error });
    }

    private static LossCurves Read(ResultGroup content)
    {
        double[] s = content["s"].Doubles;
        return new LossCurves(s, Rows("train_loss"), Rows("test_loss"), (double)content.Attributes["error"]);

        double[][] Rows(string name) => [.. content[name].Doubles.Chunk(s.Length)];
    }

    private static string Hash(TheoryModel model, IReadOnlyList<double> s, double? learningRate)
    {
        string key = JsonSerializer.Serialize(new
        {
            Theory = typeof(LossCurves).Module.ModuleVersionId,
            Numerics = typeof(Gemm).Module.ModuleVersionId,
            model,
            s,
            learningRate,
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32];
    }
}
