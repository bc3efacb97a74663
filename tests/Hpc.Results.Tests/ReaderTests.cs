namespace Hpc.Results.Tests;

/// <summary>What other people's programs see in the files.</summary>
public class ReaderTests
{
    [Fact]
    public void H5pyReadsDatasetsScalesAndAttributes()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("shard.h5");
        ResultFile.Write(path, Samples.Shard());
        Tool.Python(
            """
            import h5py, json, math, sys
            f = h5py.File(sys.argv[1], "r")
            def roots(name, offset, dims, shape):
                d = f[name]
                assert d.dtype == "<f8" and d.shape == shape, (name, d.dtype, d.shape)
                assert d[()].ravel().tolist() == [math.sqrt(offset + i) for i in range(d.size)], name
                assert d.attrs["units"] == "1" and d.attrs["long_name"] == "long name of " + name
                assert type(d.attrs["units"]) is str and type(d.attrs["long_name"]) is str
                for axis, dim in enumerate(dims):
                    assert len(d.dims[axis]) == 1 and d.dims[axis][0] == f[dim] and d.dims[axis][0].name == "/" + dim, (name, dim)
                    assert d.dims[axis].keys() == [dim], d.dims[axis].keys()
            roots("s", 1, ["epoch"], (5,))
            roots("eigenvalues", 10, ["seed", "feature"], (1, 7))
            roots("train_loss", 20, ["seed", "epoch", "class"], (1, 5, 2))
            roots("generalization_time", 50, ["seed", "class"], (1, 2))
            for name, values in {"seed": [3], "class": [0, 1], "feature": list(range(7)), "epoch": [0, 1, 4, 9, 16]}.items():
                assert h5py.h5ds.is_scale(f[name].id) and f[name].dtype == "<i8" and f[name][()].tolist() == values, name
                assert f[name].attrs["CLASS"] == b"DIMENSION_SCALE" and f[name].attrs["NAME"] == name.encode()
            assert not h5py.h5ds.is_scale(f["s"].id)
            text = {"spec": "resolved spec χ_p " * 10000, "task_hash": "0a1b", "git_commit": "56480bc",
                    "command_line": "hpc run fig2.json", "device": "cpu", "precision": "double", "host": "node1", "slurm_job_id": "",
                    "start_utc": "2026-01-02T03:04:05.678Z", "end_utc": "2026-01-02T03:04:06.000Z"}
            for name, value in text.items():
                assert type(f.attrs[name]) is str and f.attrs[name] == value, (name, f.attrs[name][:100])
            assert json.loads(f.attrs["versions"]) == {"engine": "0.1.0", "dotnet": "10.0.1"}
            assert f.attrs["seeds"].tolist() == [3] and f.attrs["git_dirty"] == 1 and f.attrs["mpi_size"] == 4
            """,
            path);
    }

    [Theory]
    [InlineData("h5netcdf")]
    [InlineData("netcdf4")]
    public void XarrayFindsCoordinates(string engine)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("merged.h5");
        var merged = SeedMerge.Merge([Samples.Shard(4), Samples.Shard(9)]);
        var attributes = Samples.Provenance().ToAttributes();
        ResultFile.Write(path, new ResultGroup([], attributes, new Dictionary<string, ResultGroup>
        {
            ["point_0000"] = new(merged, new Dictionary<string, object> { ["model.dimension"] = 100L, ["label"] = "N = 100" }),
            ["point_0001"] = Samples.Shard(features: 9),
        }));
        Tool.Python(
            """
            import math, sys, xarray
            root = xarray.open_dataset(sys.argv[1], engine=sys.argv[2])
            assert root.attrs["spec"] == "resolved spec χ_p " * 10000
            assert root.attrs["task_hash"] == "0a1b" and root.attrs["git_dirty"] == 1
            assert root.attrs["slurm_job_id"] == "", root.attrs["slurm_job_id"]
            point = xarray.open_dataset(sys.argv[1], engine=sys.argv[2], group="point_0000")
            assert set(point.coords) == {"seed", "class", "feature", "epoch", "s"}, point.coords
            assert point["s"].dims == ("epoch",) and point["seed"].values.tolist() == [4, 9]
            loss = point["train_loss"]
            assert loss.dims == ("seed", "epoch", "class") and loss.shape == (2, 5, 2) and loss.dtype == "float64"
            assert loss.attrs["units"] == "1" and loss.attrs["long_name"] == "long name of train_loss"
            assert point["train_loss_mean"].dims == ("epoch", "class") and point["largest_eigenvalue_mean"].dims == ()
            assert point["largest_eigenvalue_mean"].item() == math.sqrt(60)
            assert loss.sel(seed=9, epoch=4).values.tolist() == [math.sqrt(24), math.sqrt(25)]
            assert point.attrs["model.dimension"] == 100 and point.attrs["label"] == "N = 100"
            other = xarray.open_dataset(sys.argv[1], engine=sys.argv[2], group="point_0001")
            assert other.sizes["feature"] == 9 and other["eigenvalues"].dims == ("seed", "feature")
            """,
            path,
            engine);
    }

    [Fact]
    public void H5DumpReadsEverything()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("shard.h5");
        ResultFile.Write(path, new ResultGroup([], new Dictionary<string, object>(), new Dictionary<string, ResultGroup>
        {
            ["point_0000"] = Samples.Shard(),
        }));
        var dump = Tool.H5Dump("-m", "%.17g", "-d", "/point_0000/generalization_time", path);
        Assert.Contains("7.0710678118654755", dump); // √50
        Assert.Contains("H5T_IEEE_F64LE", dump);
        Assert.Contains("DATASET", dump[dump.IndexOf("DIMENSION_LIST", StringComparison.Ordinal)..]);
        Assert.Contains("STRSIZE 16", Tool.H5Dump("-a", "/point_0000/epoch/CLASS", path));
        Assert.Contains("train_loss", Tool.H5Dump(path));
    }
}
