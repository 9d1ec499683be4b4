"""Times other people's explainers of trees on request (serve.py).

Questions: prepare (train or read the models, write them and their rows for both sides), prepared_in (how long one peer
takes to get ready, asked before anything else of it), measure (one peer, once), values (one peer's contributions, as float64, to a file). Tables travel as raw little-endian numbers, row-major.
"""

import importlib.metadata
import platform
import time
import warnings
from functools import cache
from pathlib import Path

import lightgbm
import numpy as np
import onnxmltools
import pandas
import shap
import woodelf
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from serve import serve

warnings.filterwarnings("ignore")

PACKAGES = ["shap", "xgboost", "lightgbm", "woodelf_explainer", "numpy"]
models: dict[str, dict] = {}


def prepare(directory: str, features: list[str], golden: str | None) -> dict:
    folder = Path(directory)
    table = np.fromfile(folder / "simulated.f32", np.float32).reshape(-1, len(features) + 1)
    x, y = table[:, :-1], table[:, -1]
    train_x, train_y = x[:20_000], y[:20_000]
    rows, background = x[20_000:21_000], x[21_000:22_000]
    for trees, depth in [(100, 4), (200, 6)]:
        model = xgboost.XGBClassifier(n_estimators=trees, max_depth=depth, learning_rate=0.1, n_jobs=1)
        booster = model.fit(train_x, train_y).get_booster()
        add(folder, f"loans, XGBoost {trees} × depth {depth}", booster, rows, background)
    leaves = lightgbm.LGBMClassifier(n_estimators=100, num_leaves=31, n_jobs=1, verbose=-1)
    add(folder, "loans, LightGBM 100 × 31 leaves", leaves.fit(train_x, train_y).booster_, rows, background)
    if golden is not None:
        add_golden(folder, Path(golden) / "taiwan")
    return {
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "models": [{"name": name, "files": m["files"], "columns": m["rows"].shape[1]} for name, m in models.items()],
    }


def add(folder: Path, name: str, booster, rows: np.ndarray, background: np.ndarray) -> None:
    stem = str(folder / str(len(models)))
    types = [("input", FloatTensorType([None, rows.shape[1]]))]
    if isinstance(booster, xgboost.Booster):
        graph = onnxmltools.convert_xgboost(booster, initial_types=types, target_opset=15)
    else:
        graph = onnxmltools.convert_lightgbm(booster, initial_types=types, target_opset=15, zipmap=False)
    Path(stem + ".onnx").write_bytes(graph.SerializeToString())
    keep(stem, name, booster, rows, background)


def add_golden(folder: Path, taiwan: Path) -> None:
    background = pandas.read_csv(taiwan / "bg1000.csv").to_numpy(np.float32)
    for model, title in [("xgb100d4", "100 × depth 4"), ("xgb200d6", "200 × depth 6")]:
        stem = str(folder / str(len(models)))
        Path(stem + ".onnx").write_bytes((taiwan / model / "model.onnx").read_bytes())
        booster = xgboost.Booster(model_file=str(taiwan / model / "native.json"))
        # In another order, so that no row is explained against itself first.
        keep(stem, f"Taiwan, XGBoost {title}", booster, background[::-1].copy(), background)


def keep(stem: str, name: str, booster, rows: np.ndarray, background: np.ndarray) -> None:
    rows.tofile(stem + ".rows.f32")
    background.tofile(stem + ".background.f32")
    if isinstance(booster, xgboost.Booster):
        booster.set_param({"nthread": 1})
    models[name] = {"files": stem, "booster": booster, "rows": rows, "background": background}


@cache
def explainer(peer: str, model: str, background: int):
    """A function from rows to contributions. What it prepares is prepared here, outside the timing."""
    booster, reference = models[model]["booster"], models[model]["background"][:background]
    if peer == "shap":
        # Without max_samples TreeExplainer silently takes 100 rows of a longer background.
        masker = shap.maskers.Independent(reference, max_samples=len(reference))
        tree = shap.TreeExplainer(booster, masker, feature_perturbation="interventional")
        return lambda rows: tree.shap_values(rows, check_additivity=False)
    if peer == "woodelf":
        names = [f"f{i}" for i in range(reference.shape[1])]
        tree = woodelf.WoodelfExplainer(booster, pandas.DataFrame(reference, columns=names))
        return lambda rows: tree.shap_values(pandas.DataFrame(rows, columns=names), verbose=False)
    if isinstance(booster, xgboost.Booster):
        return lambda rows: booster.predict(xgboost.DMatrix(rows, nthread=1), pred_contribs=True)
    return lambda rows: booster.predict(rows, pred_contrib=True, num_threads=1)


def measure(peer: str, model: str, background: int, batch: int, seconds: float) -> dict:
    """Milliseconds per row, over as many calls of `batch` rows as fit into the time, at least one."""
    explain, rows = explainer(peer, model, background), models[model]["rows"]
    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        first = calls * batch % len(rows)
        explain(rows[first : first + batch])
        calls += 1
    return {"milliseconds": 1000 * (time.perf_counter() - start) / (calls * batch)}


def prepared_in(peer: str, model: str, background: int) -> dict:
    start = time.perf_counter()
    explainer(peer, model, background)
    return {"milliseconds": 1000 * (time.perf_counter() - start)}


def values(peer: str, model: str, background: int, count: int, file: str) -> dict:
    rows = models[model]["rows"][:count]
    contributions = np.asarray(explainer(peer, model, background)(rows), np.float64)
    contributions.reshape(count, rows.shape[1]).tofile(file)
    return {}


if __name__ == "__main__":
    serve({"prepare": prepare, "prepared_in": prepared_in, "measure": measure, "values": values})
