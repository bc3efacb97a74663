namespace Hpc.Diffusion.Measurement;

/// <summary>What one descent of one realization is recorded as; losses are those of theory.md section 1, per component of ξ.</summary>
public sealed record DescentMeasurement
{
    /// <summary>Recorded epochs, increasing.</summary>
    public required long[] Epochs { get; init; }

    /// <summary>s = 2η₀ · epoch, the rescaled training time.</summary>
    public required double[] TrainingTimes { get; init; }

    /// <summary>L_train^c.</summary>
    public required ClassLosses Train { get; init; }

    /// <summary>Standard error of <see cref="Train"/> over noise draws; null where the noise is averaged exactly.</summary>
    public ClassLosses? TrainError { get; init; }

    /// <summary>L_test^c.</summary>
    public required ClassLosses Test { get; init; }

    /// <summary>Monte Carlo estimate of L_test^c over fresh samples, one noise draw each.</summary>
    public required SampledLosses Sampled { get; init; }
}

/// <summary>Averages over fresh samples of each class, with the standard errors of these averages.</summary>
/// <param name="Test">L_test^c.</param>
/// <param name="TestError">Standard error of <paramref name="Test"/>.</param>
/// <param name="Score">E‖s_A(x_t) − ∇log p_t(x_t)‖²/N over x_t of the class, with the mixture's exact score.</param>
/// <param name="ScoreError">Standard error of <paramref name="Score"/>.</param>
public sealed record SampledLosses(ClassLosses Test, ClassLosses TestError, ClassLosses Score, ClassLosses ScoreError);
