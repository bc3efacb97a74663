using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Theory.Tests;

/// <summary>The Gaussian-equivalent operators against the matrices of the same realization.</summary>
public class EquivalentMomentsTests
{
    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Erf)]
    public void Operators_have_the_matrices_of_the_dense_statistics(Activation activation)
    {
        const int P = 67;
        var model = new ModelSpec
        {
            Dimension = 21,
            Features = P,
            Samples = 90,
            Activation = activation,
            Classes = [new ClassSpec(0.7, 0.5), new ClassSpec(0.3, 0.25)],
            CentroidGram = [[1, 0.3], [0.3, 1.5]],
        };
        using var team = new ThreadTeam(2);
        using var realization = new Realization(model, 3, team);
        var forward = new ForwardProcess(0.05);
        var statistics = new EquivalentStatistics(realization, forward, team);
        using var moments = new EquivalentMoments(
            realization, forward, EquivalentStatistics.Coefficients(realization, forward, team), FeatureStorage.Double, team);
        Compare(moments.TrainAll, u => statistics.TrainAll(u));
        for (int c = 0; c < 2; c++)
        {
            int k = c;
            Compare(moments.Train(c), u => statistics.Train(k, u));
            Compare(moments.Test(c), u => statistics.Test(k, u));
        }

        void Compare(FeatureMoments operators, Func<Matrix<double>, double[]> dense)
        {
            using Matrix<double> matrix = new(P, P), unit = new(P, P), image = new(P, P), columns = new(P, 2);
            double[] gain = dense(matrix);
            for (int i = 0; i < P; i++)
            {
                unit[i, i] = 1;
            }

            operators.Covariance.Apply(unit.View, image.View);
            operators.Correlation(5, columns.View);
            for (int i = 0; i < P; i++)
            {
                for (int j = 0; j < P; j++)
                {
                    Assert.Equal(matrix[i, j], image[i, j], 1e-12);
                }

                Assert.Equal(Math.Sqrt(forward.NoiseLevel / model.Dimension) * gain[i] * realization.FirstLayer[i, 6], columns[i, 1], 1e-12);
            }
        }
    }
}
