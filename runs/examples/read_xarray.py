"""Reads a merged result with xarray and prints the time scales of every class.

    python3 runs/examples/read_xarray.py runs/out/quick/quick.h5 [point]

Needs xarray with h5netcdf. A sweep has a group for every point: name it, for example point_0003.
"""
import sys

import xarray

data = xarray.open_dataset(sys.argv[1], group=sys.argv[2] if len(sys.argv) > 2 else None, engine="h5netcdf")
for c in data["class"].values:
    at = {"class": data["class"].values == c}
    generalization = data["generalization_time_mean"].isel(at).item()
    memorization = data["memorization_time_mean"].isel(at).item()
    gap = (data["test_loss_mean"] - data["train_loss_mean"]).isel(at)
    print(f"class {c} generalization {generalization!r} memorization {memorization!r} largest gap {float(gap.max())!r}")
