using System.Numerics;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Descent;

/// <summary>A fresh-noise descent that is stopped again and again gives the bits of one that is not.</summary>
public class DescentCheckpointTests
{
    private static readonly DescentSpec Spec = new(DescentDynamics.FreshNoise, 5e-3, 60, 7, 1500);

    [Fact]
    public void An_interrupted_descent_is_bit_identical_in_single_precision() => Check<float>();

    [Fact]
    public void An_interrupted_descent_is_bit_identical_in_double_precision() => Check<double>();

    /// <summary>What is saved on the way, not only what a stopped descent leaves: every such state leads to the same end.</summary>
    [Fact]
    public void A_descent_goes_on_from_every_state_that_was_due()
    {
        DescentMeasurement whole = Run<double>(new Memory(), ticks: int.MaxValue)!;
        for (int saves = 1; saves <= 12; saves += 3)
        {
            var memory = new Memory { Keeps = saves };
            Run<double>(memory, ticks: int.MaxValue);
            Assert.Equal(5L * saves - 1, memory.Epoch);
            DescentMeasurement rest = Run<double>(memory, ticks: int.MaxValue)!;
            Assert.Equal(whole.Train.Values, rest.Train.Values);
            Assert.Equal(whole.Sampled.Score.Values, rest.Sampled.Score.Values);
        }
    }

    private static void Check<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        DescentMeasurement whole = Run<T>(new Memory(), ticks: int.MaxValue)!;
        var memory = new Memory();
        DescentMeasurement? pieces = null;
        var epochs = new List<long>();
        for (int ticks = 3; pieces is null; ticks += 5)
        {
            Assert.True(ticks < 1000, "it never ends");
            pieces = Run<T>(memory, ticks);
            epochs.Add(memory.Epoch);
        }

        Assert.True(epochs.Distinct().Count() > 3, $"stopped at epochs {string.Join(", ", epochs)}");
        Assert.Equal(whole.Epochs, pieces.Epochs);
        Assert.Equal(whole.Train.Values, pieces.Train.Values);
        Assert.Equal(whole.TrainError!.Values, pieces.TrainError!.Values);
        Assert.Equal(whole.Test.Values, pieces.Test.Values);
        Assert.Equal(whole.Sampled.TestError.Values, pieces.Sampled.TestError.Values);
        Assert.Equal(whole.Sampled.Score.Values, pieces.Sampled.Score.Values);
        Assert.Equal(whole.Sampled.ScoreError.Values, pieces.Sampled.ScoreError.Values);
    }

    /// <summary>
    /// Runs to the end; null when it was cancelled, after a number of stages and epochs. At a stage that is the middle of a record, which
    /// the team notices.
    /// </summary>
    private static DescentMeasurement? Run<T>(Memory memory, int ticks)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var source = new CancellationTokenSource();
        using ThreadTeam team = new(2) { Cancellation = source.Token }, other = new(1);
        using var realization = new Realization(TestModels.TwoClasses(10, 40, 300), 3, other);
        int ticked = 0;
        memory.Tick = () =>
        {
            if (++ticked >= ticks)
            {
                source.Cancel();
            }
        };
        try
        {
            return new FreshNoiseDescent(realization, new ForwardProcess(0.1), Spec, team).Run<T>(_ => memory.Tick(), source.Token, memory);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Keeps the state in memory; asked after every epoch whether it is due.</summary>
    private sealed class Memory : IDescentCheckpoint
    {
        private double[]? readout;
        private double[][] losses = [];
        private int records;
        private int asked;
        private int saved;

        public long Epoch { get; private set; }

        public Action Tick { get; set; } = () => { };

        /// <summary>Number of saves that count; later ones are lost.</summary>
        public int Keeps { get; init; } = int.MaxValue;

        public bool IsDue
        {
            get
            {
                Tick();
                return ++asked % 5 == 0;
            }
        }

        public void Save(long epoch, int records, MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses)
        {
            if (saved++ >= Keeps)
            {
                return;
            }

            (Epoch, this.records) = (epoch, records);
            this.readout = new double[readout.Rows * readout.Columns];
            for (int i = 0; i < this.readout.Length; i++)
            {
                this.readout[i] = readout[i / readout.Columns, i % readout.Columns];
            }

            this.losses = [.. losses.Select(l => l.ToArray())];
        }

        public (long Epoch, int Records)? Load(MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses)
        {
            if (this.readout is null)
            {
                return null;
            }

            for (int i = 0; i < this.readout.Length; i++)
            {
                readout[i / readout.Columns, i % readout.Columns] = this.readout[i];
            }

            for (int i = 0; i < losses.Count; i++)
            {
                this.losses[i].CopyTo(losses[i], 0);
            }

            return (Epoch, records);
        }
    }
}
