"""Trains nets and other black boxes, and explains them with other people's samplers (serve.py).

Questions: train (a model on a table, to an ONNX file), open (a model with its reference rows and the rows to explain), explain (all rows
once with one method, budget and seed). Tables travel as raw little-endian numbers, row-major; the label is the last column.
"""

import importlib.metadata
import platform
import time
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxmltools
import onnxruntime
import shap
import shapiq
import skl2onnx
import xgboost
from onnx import helper, numpy_helper
from onnxmltools.convert.common.data_types import FloatTensorType
from serve import serve
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")

PACKAGES = ["shapiq", "shap", "scikit-learn", "xgboost", "onnxruntime", "numpy"]
opened: dict = {}


def versions() -> dict:
    return {
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def train(table: str, columns: int, layers: list[int], file: str) -> dict:
    """A net of these hidden layers; without layers 100 trees of depth 4 behind a multiplication by 1, which hides them."""
    rows = np.fromfile(table, np.float32).reshape(-1, columns + 1)
    x, y = rows[:, :-1], rows[:, -1].astype(int)
    graph = train_net(x, y, layers) if layers else train_hidden_trees(x, y)
    Path(file).write_bytes(graph.SerializeToString())
    return {}


def train_net(x: np.ndarray, y: np.ndarray, layers: list[int]) -> onnx.ModelProto:
    net = MLPClassifier(layers, alpha=1e-3, early_stopping=True, max_iter=60, random_state=1)
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), net).fit(x, y)
    types = [("input", skl2onnx.common.data_types.FloatTensorType([None, x.shape[1]]))]
    return skl2onnx.convert_sklearn(model, initial_types=types, options={"zipmap": False}, target_opset=15)


def train_hidden_trees(x: np.ndarray, y: np.ndarray) -> onnx.ModelProto:
    booster = xgboost.XGBClassifier(n_estimators=100, max_depth=4, learning_rate=0.1, n_jobs=1).fit(x, y).get_booster()
    types = [("input", FloatTensorType([None, x.shape[1]]))]
    model = onnxmltools.convert_xgboost(booster, initial_types=types, target_opset=15)
    trees = model.graph.node[0]
    trees.input[0] = "multiplied"
    model.graph.initializer.append(numpy_helper.from_array(np.eye(x.shape[1], dtype=np.float32), "one"))
    model.graph.node.insert(0, helper.make_node("MatMul", ["input", "one"], ["multiplied"]))
    if not any(opset.domain == "" for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid("", 15))
    return model


def open_model(model: str, columns: int, background: str, rows: str) -> dict:
    opened.clear()
    opened.update(
        f=log_odds(model),
        background=np.fromfile(background, np.float32).reshape(-1, columns),
        rows=np.fromfile(rows, np.float32).reshape(-1, columns),
        scored=0,
    )
    opened["base"] = opened["f"](opened["background"]).mean()
    opened["kernel"] = shap.KernelExplainer(opened["f"], opened["background"])
    return {}


def log_odds(file: str):
    """What goes into the graph's only sigmoid; counts the rows it is asked."""
    model = onnx.load(file)
    margin = next(node.input[0] for node in model.graph.node if node.op_type == "Sigmoid")
    model.graph.output.append(helper.make_tensor_value_info(margin, onnx.TensorProto.FLOAT, [None, 1]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def f(rows: np.ndarray) -> np.ndarray:
        opened["scored"] += len(rows)
        pieces = [rows[i : i + 4096].astype(np.float32, copy=False) for i in range(0, len(rows), 4096)]
        return np.concatenate([session.run([margin], {"input": piece})[0][:, 0] for piece in pieces]).astype(float)

    return f


def explain(method: str, coalitions: int, seed: int) -> dict:
    values, milliseconds, scored = [], [], []
    for k, row in enumerate(opened["rows"]):
        opened["scored"], start = 0, time.process_time()
        values.append(METHODS[method](row, coalitions, 1000 * seed + k).tolist())
        milliseconds.append(1000 * (time.process_time() - start))
        scored.append(opened["scored"])
    return {"values": values, "milliseconds": milliseconds, "scored": scored}


def explain_shapiq(row: np.ndarray, coalitions: int, seed: int) -> np.ndarray:
    approximator = shapiq.KernelSHAP(n=len(row), pairing_trick=True, random_state=seed)
    return approximator.approximate(budget=coalitions, game=game_of(row)).get_n_order_values(1)


def game_of(row: np.ndarray):
    """v(S) of many coalitions. As for Raison, nobody's value is known beforehand and everybody's takes one row."""
    f, background = opened["f"], opened["background"]

    def game(members: np.ndarray) -> np.ndarray:
        members = np.atleast_2d(members).astype(bool)
        size = members.sum(1)
        values = np.full(len(members), opened["base"])
        values[size == len(row)] = f(row[None])[0] if (size == len(row)).any() else 0
        inner = members[(size > 0) & (size < len(row))]
        if len(inner) > 0:
            hybrids = np.where(inner[:, None, :], row, background)
            means = f(hybrids.reshape(-1, len(row))).reshape(len(inner), -1).mean(1)
            values[(size > 0) & (size < len(row))] = means
        return values

    return game


def explain_shap(row: np.ndarray, coalitions: int, seed: int) -> np.ndarray:
    np.random.seed(seed)
    return opened["kernel"].shap_values(row, nsamples=coalitions, l1_reg=False, silent=True)


METHODS = {"shapiq": explain_shapiq, "shap": explain_shap}

if __name__ == "__main__":
    serve({"versions": versions, "train": train, "open": open_model, "explain": explain})
