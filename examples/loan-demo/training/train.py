"""Trains the demo's four models on simulated applications and writes their bundles.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python train.py

Needs Node 24 on the PATH, which runs the simulator. The same versions write the same bytes again.
"""

import os

# One thread, set before numpy loads: sums in the same order give the same bytes.
os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

import io
import re
import subprocess
from pathlib import Path

import numpy as np
import onnx
import onnxmltools
import onnxruntime
import pandas
import skl2onnx
from lightgbm import Booster, LGBMClassifier
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

HERE = Path(__file__).resolve().parent
BUNDLES = HERE.parent / "bundles"
CUTOFF = 0.2
PURPOSES = ["car", "home", "consolidation", "studies", "other"]


def main() -> None:
    train, test, reference = simulate(20_000, seed=7), simulate(20_000, seed=8), simulate(1_200, seed=9)
    print(f"default rate: {train.defaulted.mean():.3f} in training, {test.defaulted.mean():.3f} in test")
    for name, model, convert, population in models():
        x, y = split(train)
        model.fit(x, y)
        native = model.predict_proba(split(test)[0])[:, 1]
        write_bundle(name, convert(model, x.shape[1]), population, reference)
        report(name, native, test)


def models():
    boosting = dict(n_estimators=100, learning_rate=0.1, n_jobs=1, random_state=1)
    xgboost = XGBClassifier(max_depth=4, tree_method="hist", **boosting)
    lightgbm = LGBMClassifier(num_leaves=15, deterministic=True, force_row_wise=True, verbose=-1, **boosting)
    net = MLPClassifier((24, 12), alpha=1e-3, early_stopping=True, random_state=1)
    logistic = LogisticRegression(max_iter=1000)
    yield "loan-xgboost", xgboost, convert_xgboost, "just-above-cutoff"
    yield "loan-lightgbm", lightgbm, convert_lightgbm, "just-above-cutoff"
    yield "loan-neural-net", imputed(net), convert_sklearn, "just-above-cutoff"
    yield "loan-logistic", imputed(logistic), convert_sklearn, "approved"


def imputed(model):
    """Missing values become medians inside the graph, so that the bundle takes them like the trees do."""
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), model)


def simulate(rows: int, seed: int) -> pandas.DataFrame:
    script = HERE.parent / "scripts" / "write-csv.ts"
    command = ["node", str(script), "--rows", str(rows), "--seed", str(seed)]
    return pandas.read_csv(io.BytesIO(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def split(table: pandas.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The graphs take float32, so the models are fitted on float32."""
    return table.drop(columns="defaulted").to_numpy(np.float32), table.defaulted.to_numpy()


def convert_xgboost(model, columns: int):
    return onnxmltools.convert_xgboost(model, initial_types=inputs(columns), target_opset=15)


def convert_lightgbm(model, columns: int):
    text = re.sub(r"(?<=^threshold=).+", floor_to_float32, model.booster_.model_to_string(), flags=re.MULTILINE)
    # The sizes, in bytes, are those of the text before; without them LightGBM counts again.
    model._Booster = Booster(model_str=re.sub(r"^tree_sizes=.*\n", "", text, flags=re.MULTILINE))
    return onnxmltools.convert_lightgbm(model, initial_types=inputs(columns), target_opset=15, zipmap=False)


def floor_to_float32(thresholds: re.Match) -> str:
    """The graph holds float32. Rounding up would let values through that the model stops; rounding down cannot."""
    exact = np.array(thresholds[0].split(), np.float64)
    rounded = exact.astype(np.float32)
    rounded = np.where(rounded > exact, np.nextafter(rounded, np.float32(-np.inf)), rounded)
    return " ".join(repr(float(value)) for value in rounded)


def convert_sklearn(model, columns: int):
    types = [("input", skl2onnx.common.data_types.FloatTensorType([None, columns]))]
    return skl2onnx.convert_sklearn(model, initial_types=types, options={"zipmap": False}, target_opset=15)


def inputs(columns: int):
    return [("input", FloatTensorType([None, columns]))]


def write_bundle(name: str, graph: onnx.ModelProto, population: str, reference: pandas.DataFrame) -> None:
    directory = BUNDLES / name
    directory.mkdir(parents=True, exist_ok=True)
    # Converters put a random id here; nothing reads it.
    graph.graph.name = name
    import_once(graph)
    (directory / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    rows = reference.drop(columns="defaulted")
    rows.to_csv(directory / "reference.csv", index=False, float_format="%.9g", lineterminator="\n")
    (directory / "reasons.yaml").write_text(reasons(population), "utf-8")
    features = (HERE / "features.yaml").read_text("utf-8")
    (directory / "bundle.yaml").write_text(HEAD.format(**describe(name, population)) + features + TAIL, "utf-8")


def reasons(population: str) -> str:
    """The catalogue tells the average of those who were only just accepted; `approved` are all who were accepted."""
    text = (HERE / "reasons.yaml").read_text("utf-8")
    if population == "just-above-cutoff":
        return text
    if population != "approved":
        raise ValueError(f"reasons.yaml has no words for the population {population}")
    english = text.replace("applications that were only just accepted", "accepted applications")
    return english.replace("dossiers acceptés de justesse", "dossiers acceptés")


def import_once(graph: onnx.ModelProto) -> None:
    """Converters list the operator sets in any order, and skl2onnx one of them twice for a linear classifier."""
    imports = {opset.domain: opset.version for opset in graph.opset_import}
    del graph.opset_import[:]
    graph.opset_import.extend(onnx.helper.make_opsetid(*pair) for pair in sorted(imports.items()))


def describe(name: str, population: str) -> dict[str, str | float]:
    columns = ", ".join(f"purpose_{purpose}" for purpose in PURPOSES)
    return {"name": name, "population": population, "cutoff": CUTOFF, "columns": columns}


HEAD = """\
# Written by examples/loan-demo/training/train.py from simulated applications.
model:
  name: {name}
  version: "1.0.0"
  file: model.onnx
  # The graph's output to read: two columns, of which the second is the probability of default.
  output: probabilities
  # Contributions add up in log-odds.
  explain: log-odds
decision:
  # A high score hurts the applicant: from the cutoff on, the loan is declined.
  adverse: high
  cutoff: {cutoff}
reference:
  file: reference.csv
  # Whom an applicant is compared with.
  population: {population}
  size: 100
# The five columns of the purpose are one fact, and are explained as one.
players:
  - {{ name: purpose, features: [{columns}] }}
"""

TAIL = """\
reasons: reasons.yaml
"""


def report(name: str, native: np.ndarray, test: pandas.DataFrame) -> None:
    x, y = split(test)
    session = onnxruntime.InferenceSession(BUNDLES / name / "model.onnx", providers=["CPUExecutionProvider"])
    exported = session.run(["probabilities"], {"input": x})[0][:, 1]
    print(
        f"{name}: AUC {roc_auc_score(y, native):.3f}, declined {np.mean(exported >= CUTOFF):.1%},"
        f" ONNX against native at most {np.abs(native - exported).max():.1e} apart"
    )


if __name__ == "__main__":
    main()
