using Hpc.Kernels.Memory;
using Hpc.Numerics.LinearAlgebra;
using ILGPU.Runtime;

namespace Hpc.Kernels.Tests;

/// <summary>Copies between host and device while the garbage collector moves what it may.</summary>
[Collection("devices")]
public class TransferTests
{
    [Theory]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl:0")]
    public void A_matrix_survives_its_round_trip_under_collections(string device)
    {
        Accelerator accelerator = TestDevices.Open(device).Accelerator;
        bool stop = false;
        var collector = new Thread(() =>
        {
            var kept = new List<byte[]>();
            while (!Volatile.Read(ref stop))
            {
                for (int i = 0; i < 50; i++)
                {
                    byte[] block = new byte[2000];
                    if (i % 7 == 0)
                    {
                        kept.Add(block);
                    }
                }

                if (kept.Count > 200)
                {
                    kept.RemoveRange(0, 150);
                }

                GC.Collect(1, GCCollectionMode.Forced, blocking: true, compacting: true);
            }
        });
        collector.Start();
        using Matrix<double> source = Host.Random(93, 101, 1).ToMatrix(), target = new(93, 101);
        for (int round = 0; round < 300; round++)
        {
            using var matrix = new DeviceMatrix<float>(accelerator, 93, 101);
            target.Span.Clear();
            matrix.Upload(source.View);
            matrix.Download(target.View);
            Assert.True(source.Span.SequenceEqual(target.Span));
        }

        Volatile.Write(ref stop, true);
        collector.Join();
    }
}
