"""Reads a merged result as plain HDF5: every dataset by its path, dimensions by their scales, nothing but an HDF5 library.

    python3 runs/examples/read_hdf5.py runs/out/quick/quick.h5 [point]

The same in Julia, with HDF5.jl (arrays are column-major there, so dimensions come in the opposite order):

    using HDF5
    h5open("runs/out/quick/quick.h5") do file
        s = read(file["s"])                            # epochs
        test = read(file["test_loss"])                 # class × epoch × seed
        println(read_attribute(file, "task_hash"), " ", s[end], " ", test[1, end, 1])
    end
"""
import sys

import h5py

with h5py.File(sys.argv[1]) as file:
    group = file[sys.argv[2]] if len(sys.argv) > 2 else file
    loss = group["test_loss"]
    dimensions = [loss.dims[i][0].name.rsplit("/", 1)[-1] for i in range(loss.ndim)]
    print("test_loss", " × ".join(dimensions), loss.shape, loss.attrs["long_name"])
    s = group["s"][...]
    for c in range(loss.shape[2]):
        print(f"class {group['class'][c]} s {float(s[-1])!r} test {float(loss[:, -1, c].mean())!r}")
