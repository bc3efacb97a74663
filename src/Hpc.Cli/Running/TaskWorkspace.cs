using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Threading;

namespace Hpc.Cli.Running;

/// <summary>
/// What one worker has from task to task: its threads, and of the last task what the next one may have in common with it. Tasks of one seed share
/// W and what follows from it alone where N and P are equal, the training samples where the whole model is, and covariance and eigensystem where
/// nothing differs that they depend on. Results are the same, bit for bit, as without sharing. Not safe for several threads.
/// </summary>
/// <param name="team">The threads; disposed with this.</param>
public sealed class TaskWorkspace(ThreadTeam team) : IDisposable
{
    private (int Dimension, int Features, long Seed) layerKey;
    private FirstLayer? layer;
    private string realizationKey = "";
    private Realization? realization;
    private string covarianceKey = "";
    private IDisposable? covariance;

    public ThreadTeam Team => team;

    /// <summary>The realization of a model and a seed: that of the last task where it is the same, and else with its first layer where that is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="reduction">Ranks that share the features, the same for all tasks; null for all in this process.</param>
    public Realization Realize(ModelSpec model, long seed, IReduction? reduction)
    {
        string key = SpecWriter.ModelHash(model, seed);
        if (realization is not null && realizationKey == key)
        {
            return realization;
        }

        ReleaseRealization();
        if (layer is null || layerKey != (model.Dimension, model.Features, seed))
        {
            ReleaseLayer();
            layer = new FirstLayer(model.Dimension, model.Features, seed, team, reduction);
            layerKey = (model.Dimension, model.Features, seed);
        }

        realization = new Realization(model, seed, layer, team);
        realizationKey = key;
        return realization;
    }

    /// <summary>What follows from the covariance of the realization: that of the last task where its key is the same, else made anew.</summary>
    /// <param name="key">Hash of all that it depends on.</param>
    /// <param name="make">Makes it; what was kept is released before.</param>
    public T Covariance<T>(string key, Func<T> make)
        where T : class, IDisposable
    {
        if (covariance is not T || covarianceKey != key)
        {
            ReleaseCovariance();
            covariance = make();
            covarianceKey = key;
        }

        return (T)covariance;
    }

    /// <summary>Frees what follows from the covariance.</summary>
    public void ReleaseCovariance()
    {
        covariance?.Dispose();
        covariance = null;
    }

    public void Dispose()
    {
        ReleaseLayer();
        team.Dispose();
    }

    private void ReleaseRealization()
    {
        ReleaseCovariance();
        realization?.Dispose();
        realization = null;
    }

    private void ReleaseLayer()
    {
        ReleaseRealization();
        layer?.Dispose();
        layer = null;
    }
}
