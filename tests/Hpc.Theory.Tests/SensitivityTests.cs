using Hpc.Diffusion.Spec;

namespace Hpc.Theory.Tests;

public class SensitivityTests
{
    [Fact]
    public void DerivativesPredictASmallChangeOfTheModel()
    {
        TheoryModel model = Cases.Reference('A');
        IReadOnlyList<Sensitivity> rows = Sensitivity.Compute(model);
        Assert.Equal(4, rows.Count);
        Assert.All(rows, row => Assert.True(row.Error < 1e-4, $"{row.Parameter}: {row.Error}"));
        Sensitivity row = rows.Single(r => r.Parameter == ModelParameter.LogVariance && r.Class == 1);
        const double Change = 0.005;
        var before = ExactTimeScales.Compute(model with { Classes = [model.Classes[0], new ClassSpec(0.5, 0.25 * Math.Exp(-Change))] });
        var after = ExactTimeScales.Compute(model with { Classes = [model.Classes[0], new ClassSpec(0.5, 0.25 * Math.Exp(Change))] });
        for (int c = 0; c < 2; c++)
        {
            Assert.Equal(row.Generalization[c], Math.Log(after[c].Generalization / before[c].Generalization) / (2 * Change), 1e-3);
            Assert.Equal(row.Memorization[c], Math.Log(after[c].Memorization / before[c].Memorization) / (2 * Change), 1e-3);
        }

        // A wider class is memorized earlier.
        Assert.True(row.Memorization[1] < 0);
    }

    [Fact]
    public void ExchangedClassesExchangeTheTableAndEveryCentroidParameterIsThere()
    {
        var model = new TheoryModel(
            4, 2, Activation.Erf, [new ClassSpec(0.5, 0.4), new ClassSpec(0.5, 0.4)], [[0.5, 0.1], [0.1, 0.5]], 0.05);
        IReadOnlyList<Sensitivity> rows = Sensitivity.Compute(model);
        Assert.Equal(7, rows.Count);
        foreach (ModelParameter parameter in new[] { ModelParameter.LogVariance, ModelParameter.LogCentroidNorm, ModelParameter.Weight })
        {
            Sensitivity first = rows.Single(row => row.Parameter == parameter && row.Class == 0);
            Sensitivity second = rows.Single(row => row.Parameter == parameter && row.Class == 1);
            Assert.Equal(first.Memorization[0], second.Memorization[1], 1e-3);
            Assert.Equal(first.Memorization[1], second.Memorization[0], 1e-3);
            Assert.Equal(first.Generalization[0], second.Generalization[1], 1e-3);
        }

        Sensitivity cosine = rows.Single(row => row.Parameter == ModelParameter.CentroidCosine);
        Assert.Equal((0, 1), (cosine.Class, cosine.OtherClass));
        Assert.Equal(cosine.Memorization[0], cosine.Memorization[1], 1e-3);
    }
}
