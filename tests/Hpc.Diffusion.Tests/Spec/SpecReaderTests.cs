using Hpc.Diffusion.Spec;

namespace Hpc.Diffusion.Tests.Spec;

public class SpecReaderTests
{
    private const string Valid = """
        {
          // comments are allowed
          "schema": 1, "name": "example",
          "model": { "dimension": 20, "features": 60, "samples": 40,
                     "classes": [ { "weight": 0.7, "variance": 0.5 }, { "weight": 0.3, "variance": 0.25 } ],
                     "centroidGram": [ [1, 0.5], [0.5, 2] ] },
          "diffusionTime": 0.01,
          "seeds": { "first": 3, "count": 2 },
          "spectrum": { "method": "dense" },
          "descent": { "dynamics": "fresh-noise", "learningRate": 0.001, "epochs": 100, "records": 10 },
        }
        """;

    [Fact]
    public void Reads_every_value_and_fills_in_the_defaults()
    {
        ExperimentSpec spec = SpecReader.Parse(Valid);
        Assert.Equal("example", spec.Name);
        Assert.Equal((20, 60, 40), (spec.Model.Dimension, spec.Model.Features, spec.Model.Samples));
        Assert.Equal(Activation.Tanh, spec.Model.Activation);
        Assert.Equal([new ClassSpec(0.7, 0.5), new ClassSpec(0.3, 0.25)], spec.Model.Classes);
        Assert.Equal(2, spec.Model.CentroidGram[1][1]);
        Assert.Equal(new SeedSpec(3, 2), spec.Seeds);
        Assert.Equal(new SpectrumSpec(SpectrumMethod.Dense, CovarianceKind.Exact), spec.Spectrum);
        Assert.Equal(new DescentSpec(DescentDynamics.FreshNoise, 0.001, 100, 10, 10_000), spec.Descent);
    }

    [Fact]
    public void The_resolved_spec_reads_back_as_itself()
    {
        string resolved = SpecWriter.Write(SpecReader.Parse(Valid));
        Assert.Equal(resolved, SpecWriter.Write(SpecReader.Parse(resolved)));
    }

    [Fact]
    public void Overrides_replace_values_at_their_path()
    {
        ExperimentSpec spec = SpecReader.Parse(
            Valid, ["model.dimension=30", "model.classes[1].variance=0.125", "model.activation=erf", "seeds.count=5", "speciation.times={\"from\":0.1,\"to\":1,\"count\":3}"]);
        Assert.Equal(30, spec.Model.Dimension);
        Assert.Equal(0.125, spec.Model.Classes[1].Variance);
        Assert.Equal(Activation.Erf, spec.Model.Activation);
        Assert.Equal(5, spec.Seeds.Count);
        Assert.Equal(new SpeciationSpec(0.1, 1, 3), spec.Speciation);
    }

    [Theory]
    [InlineData("model.dimensions=30", "model.dimensions", "model.dimension")]
    [InlineData("diffusiontime=1", "diffusiontime", "diffusionTime")]
    [InlineData("descent.learnigRate=1", "descent.learnigRate", "descent.learningRate")]
    [InlineData("model.classes[0].varience=1", "model.classes[0].varience", "model.classes[0].variance")]
    [InlineData("model.activation=tahn", "tahn", "tanh")]
    [InlineData("descent.dynamics=noise-average", "noise-average", "noise-averaged")]
    [InlineData("model.classes[0].weight=0.8", "1.1", "0.727273")]
    [InlineData("model.classes[0].variance=-1", "model.classes[0].variance is -1", "above 0")]
    [InlineData("model.centroidGram=[[1,2],[2,1]]", "positive semi-definite", "-1")]
    [InlineData("model.centroidGram=[[1,0.5],[0.4,1]]", "not symmetric", "0.4")]
    [InlineData("model.centroidGram=[[1]]", "1×1", "2×2")]
    [InlineData("model.features=0", "model.features is 0", "at least 1")]
    [InlineData("model.features=2.5", "model.features is 2.5", "whole number")]
    [InlineData("model.features=abc", "model.features", "whole number")]
    [InlineData("model.samples=1", "class 2", "model.samples")]
    [InlineData("schema=2", "schema 2 is newer", "schema 1")]
    [InlineData("name=a/b", "a/b", "letters")]
    [InlineData("diffusionTime=0", "diffusionTime is 0", "above 0")]
    [InlineData("seeds.first=-1", "seeds.first is -1", "4294967295")]
    [InlineData("seeds.first=4294967295", "4294967296", "seeds.count")]
    [InlineData("model.classes[2].variance=1", "model.classes[2].variance", "2 elements")]
    [InlineData("model.dimension=1", "rank 2", "raise it to 2")]
    [InlineData("sweep=[{\"parameter\":\"model.featurs\",\"values\":[1,2]}]", "model.featurs", "model.features")]
    [InlineData("sweep=[{\"parameter\":\"model.features\",\"values\":[10,0]}]", "sweep point 1", "model.features is 0")]
    [InlineData("sweep=[{\"parameter\":\"model.features\",\"values\":[]}]", "sweep[0].values", "empty")]
    [InlineData("sweep=[{\"parameters\":{\"model.features\":[10,20],\"model.samples\":[5]}}]", "model.features has 2 values and model.samples has 1", "give each as many")]
    [InlineData("sweep=[{\"parameters\":{\"model.features\":10}}]", "sweep[0].parameters.model.features", "list of values")]
    [InlineData("sweep=[{\"parameters\":[10]}]", "sweep[0].parameters", "object of paths")]
    [InlineData("sweep=[{\"parameters\":{\"model.features\":[10]},\"values\":[1]}]", "sweep[0].values", "unknown")]
    [InlineData("=3", "'=3'", "key=value")]
    [InlineData("dimension", "'dimension'", "key=value")]
    public void A_wrong_value_is_refused_with_what_was_given_and_what_is_allowed(string change, string given, string allowed)
    {
        SpecException error = Assert.Throws<SpecException>(() => SpecReader.Parse(Valid, [change]));
        Assert.Contains(given, error.Message);
        Assert.Contains(allowed, error.Message);
    }

    [Theory]
    [InlineData("{ \"name\": ", "not valid JSON")]
    [InlineData("[1]", "one JSON object")]
    [InlineData("{ \"schema\": 1, \"name\": \"x\" }", "model")]
    [InlineData("{ \"schema\": 1, \"schema\": 1, \"name\": \"x\" }", "schema")]
    public void Text_that_is_no_spec_is_refused(string json, string part) =>
        Assert.Contains(part, Assert.Throws<SpecException>(() => SpecReader.Parse(json)).Message);

    [Fact]
    public void A_spec_that_asks_for_nothing_is_refused() =>
        Assert.Contains("asks for nothing", Assert.Throws<SpecException>(() => SpecReader.Parse(Valid, ["descent=null", "spectrum=null"])).Message);

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("nowhere.json", Assert.Throws<SpecException>(() => SpecReader.ReadFile("nowhere.json")).Message);

    [Fact]
    public void The_task_hash_depends_on_the_physics_alone()
    {
        ExperimentSpec spec = SpecReader.Parse(Valid);
        string hash = SpecWriter.TaskHash(spec, 3, "double");
        Assert.Equal(32, hash.Length);
        Assert.Equal(hash, SpecWriter.TaskHash(SpecReader.Parse(Valid, ["name=other", "seeds.count=9"]), 3, "double"));
        Assert.NotEqual(hash, SpecWriter.TaskHash(spec, 4, "double"));
        Assert.NotEqual(hash, SpecWriter.TaskHash(spec, 3, "single"));
        foreach (string change in (string[])["model.features=61", "diffusionTime=0.02", "descent.learningRate=0.002", "model.centroidGram=[[1,0.5],[0.5,2.1]]", "spectrum=null"])
        {
            Assert.NotEqual(hash, SpecWriter.TaskHash(SpecReader.Parse(Valid, [change]), 3, "double"));
        }
    }

    [Fact]
    public void A_sweep_takes_every_combination_with_the_last_parameter_fastest()
    {
        ExperimentSpec spec = SpecReader.Parse(
            Valid, ["sweep=[{\"parameter\":\"model.features\",\"values\":[10,20]},{\"parameter\":\"diffusionTime\",\"values\":[0.1,0.2,0.3]}]"]);
        IReadOnlyList<SweepPoint> points = SweepPoint.Expand(spec);
        Assert.Equal(
            [(10, 0.1), (10, 0.2), (10, 0.3), (20, 0.1), (20, 0.2), (20, 0.3)],
            points.Select(p => (p.Spec.Model.Features, p.Spec.DiffusionTime)));
        Assert.All(points, p => Assert.Empty(p.Spec.Sweep));
    }

    [Fact]
    public void Parameters_of_one_entry_are_varied_together_and_crossed_with_the_others()
    {
        const string Sweep = "sweep=[{\"parameter\":\"diffusionTime\",\"values\":[0.1,0.2]},{\"parameters\":{\"model.classes[0].weight\":[0.5,0.8,0.9],\"model.classes[1].weight\":[0.5,0.2,0.1]}}]";
        ExperimentSpec spec = SpecReader.Parse(Valid, [Sweep]);
        IReadOnlyList<SweepPoint> points = SweepPoint.Expand(spec);
        Assert.Equal(
            [(0.1, 0.5), (0.1, 0.8), (0.1, 0.9), (0.2, 0.5), (0.2, 0.8), (0.2, 0.9)],
            points.Select(p => (p.Spec.DiffusionTime, p.Spec.Model.Classes[0].Weight)));
        Assert.Equal("diffusionTime = 0.2, model.classes[0].weight = 0.8, model.classes[1].weight = 0.2", points[4].Description);

        // Written and read again it is the same.
        Assert.Equal(SpecWriter.Write(spec), SpecWriter.Write(SpecReader.Parse(SpecWriter.Write(spec), [])));
    }
}
