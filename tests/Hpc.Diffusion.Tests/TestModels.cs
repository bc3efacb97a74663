using Hpc.Diffusion.Spec;

namespace Hpc.Diffusion.Tests;

internal static class TestModels
{
    public static ModelSpec TwoClasses(int dimension, int features, int samples, Activation activation = Activation.Tanh) => new()
    {
        Dimension = dimension,
        Features = features,
        Samples = samples,
        Activation = activation,
        Classes = [new ClassSpec(0.7, 0.5), new ClassSpec(0.3, 0.25)],
        CentroidGram = [[1, 0.3], [0.3, 1.5]],
    };
}
