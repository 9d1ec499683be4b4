"""LightGBM on the data of fit-trees.bench.ts: one JSON line with seconds and R² on the fresh rows.

python fit-trees.bench.py DIRECTORY PARAMETERS_AS_JSON
"""

import json
import sys
import time

import lightgbm
import numpy

directory, settings = sys.argv[1], json.loads(sys.argv[2])


def read(name):
    targets = numpy.fromfile(f"{directory}/{name}.f64", "<f8")
    return numpy.fromfile(f"{directory}/{name}.f32", "<f4").reshape(len(targets), -1), targets


rows, targets = read("training")
fresh, expected = read("fresh")
parameters = {
    "objective": "regression",
    "num_leaves": settings["leaves"],
    "max_depth": settings["maxDepth"],
    "learning_rate": settings["learningRate"],
    "min_data_in_leaf": settings["minRowsPerLeaf"],
    "lambda_l2": settings["l2"],
    "max_bin": settings["bins"],
    "bagging_fraction": settings["rowShare"],
    "bagging_freq": 1,
    "num_threads": 1,
    "verbose": -1,
}
start = time.perf_counter()
model = lightgbm.train(parameters, lightgbm.Dataset(rows, targets), settings["rounds"])
seconds = time.perf_counter() - start
errors = model.predict(fresh) - expected
print(json.dumps({"seconds": seconds, "r2": 1 - errors.var() / expected.var() - errors.mean() ** 2 / expected.var()}))
