"""Writes the small models that the tests of model-runtime read, from made-up data and fixed seeds.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python make_models.py
"""

from pathlib import Path

import lightgbm
import numpy as np
import onnx
import xgboost
from onnx import TensorProto, helper
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as OnnxmltoolsFloats
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

here = Path(__file__).parent
features = 4
chance = np.random.default_rng(7)
# Whole numbers, so that thresholds fall on values that rows have; one feature is continuous.
rows = chance.integers(-3, 4, (300, features)).astype(np.float32)
rows[:, 3] = chance.normal(0, 50, 300)
signal = rows[:, 0] + 0.5 * rows[:, 1] * (rows[:, 2] > 0) - 0.02 * rows[:, 3] + chance.normal(0, 0.5, 300)
risky = (signal > 0.3).astype(int)
grade = np.digitize(signal, [-1, 1])
with_gaps = rows.copy()
with_gaps[chance.random(rows.shape) < 0.15] = np.nan


def write(name: str, model: onnx.ModelProto) -> None:
    (here / f"{name}.onnx").write_bytes(model.SerializeToString())


def from_sklearn(name: str, model, inputs=None, **options) -> None:
    inputs = inputs or [("input", FloatTensorType([None, features]))]
    is_classifier = hasattr(model, "predict_proba")
    chosen = options or ({id(model): {"zipmap": False}} if is_classifier else None)
    write(name, convert_sklearn(model, initial_types=inputs, options=chosen, target_opset={"": 17, "ai.onnx.ml": 3}))


def from_sklearn_all() -> None:
    forest = RandomForestClassifier(4, max_depth=3, random_state=1).fit(rows, risky)
    boosted = GradientBoostingClassifier(n_estimators=5, max_depth=2, random_state=1).fit(rows, risky)
    from_sklearn("forest", forest)
    from_sklearn("tree", DecisionTreeClassifier(max_depth=3, random_state=1).fit(rows, risky))
    from_sklearn("gradient-boosting", boosted)
    from_sklearn("forest-regressor", RandomForestRegressor(4, max_depth=3, random_state=1).fit(rows, signal * 1000))
    from_sklearn("boosting-regressor", GradientBoostingRegressor(n_estimators=5, max_depth=2).fit(rows, signal))
    from_sklearn("three-classes", GradientBoostingClassifier(n_estimators=3, max_depth=2).fit(rows, grade))
    from_sklearn("three-classes-linear", LogisticRegression(max_iter=500).fit(rows, grade))
    from_sklearn("linear-regressor", LinearRegression().fit(rows, signal))
    from_sklearn("logistic", make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, risky))
    imputed = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(with_gaps, risky)
    from_sklearn("imputed-logistic", imputed)
    from_sklearn("scaled-forest", make_pipeline(StandardScaler(), forest).fit(rows, risky))
    from_sklearn("ranged-logistic", make_pipeline(MinMaxScaler(), LogisticRegression()).fit(rows, risky))
    from_sklearn("normalized-logistic", make_pipeline(Normalizer(), LogisticRegression()).fit(rows, risky))
    net = MLPClassifier((5,), max_iter=300, random_state=1)
    from_sklearn("net", make_pipeline(SimpleImputer(), StandardScaler(), net).fit(with_gaps, risky))
    from_sklearn("one-row", boosted, [("input", FloatTensorType([1, features]))])
    from_sklearn("three-rows", boosted, [("input", FloatTensorType([3, features]))])
    from_sklearn("many-inputs", *per_column(boosted))
    write("zipmap", convert_sklearn(boosted, initial_types=[("input", FloatTensorType([None, features]))]))


def per_column(model) -> tuple:
    """A pipeline that reads one input per column, as from a data frame."""
    keep = ColumnTransformer([("keep", "passthrough", [0, 1, 2, 3])])
    pipeline = make_pipeline(keep, model).fit(rows, risky)
    return pipeline, [(name, FloatTensorType([None, 1])) for name in "abcd"]


def from_xgboost() -> None:
    inputs = [("input", OnnxmltoolsFloats([None, features]))]
    settings = {"n_estimators": 6, "max_depth": 3, "random_state": 1, "n_jobs": 1}
    binary = xgboost.XGBClassifier(**settings).fit(with_gaps, risky)
    write("xgboost", convert_xgboost(binary, initial_types=inputs))
    regressor = xgboost.XGBRegressor(**settings).fit(with_gaps, signal)
    write("xgboost-regressor", convert_xgboost(regressor, initial_types=inputs))
    graded = xgboost.XGBClassifier(**settings | {"n_estimators": 3}).fit(with_gaps, grade)
    write("xgboost-three-classes", convert_xgboost(graded, initial_types=inputs))


def from_lightgbm() -> None:
    inputs = [("input", OnnxmltoolsFloats([None, features]))]
    settings = {"n_estimators": 6, "num_leaves": 6, "min_child_samples": 5, "random_state": 1, "n_jobs": 1, "verbose": -1}
    binary = lightgbm.LGBMClassifier(**settings).fit(with_gaps, risky)
    write("lightgbm", convert_lightgbm(binary, initial_types=inputs, zipmap=False))
    regressor = lightgbm.LGBMRegressor(**settings).fit(with_gaps, signal)
    write("lightgbm-regressor", convert_lightgbm(regressor, initial_types=inputs))
    categorical = rows + 3
    by_code = lightgbm.LGBMClassifier(**settings).fit(categorical, risky, categorical_feature=[0, 1])
    write("lightgbm-categories", convert_lightgbm(by_code, initial_types=inputs, zipmap=False))


def by_hand() -> None:
    """TreeEnsemble of ai.onnx.ml 5, the average of one tree per comparison; no exporter writes it yet."""
    modes = list(range(6))
    leaves = range(2 * len(modes))

    def tensor(name: str, kind: int, values: list) -> onnx.TensorProto:
        return helper.make_tensor(name, kind, [len(values)], values)

    node = helper.make_node(
        "TreeEnsemble",
        ["input"],
        ["score"],
        domain="ai.onnx.ml",
        tree_roots=modes,
        nodes_modes=tensor("modes", TensorProto.UINT8, modes),
        nodes_featureids=[mode % features for mode in modes],
        nodes_splits=tensor("splits", TensorProto.FLOAT, [0.0, 1.0, -1.0, 0.5, 2.0, 1.0]),
        nodes_truenodeids=leaves[::2],
        nodes_trueleafs=[1 for _ in modes],
        nodes_falsenodeids=leaves[1::2],
        nodes_falseleafs=[1 for _ in modes],
        nodes_missing_value_tracks_true=[0, 1, 0, 1, 0, 1],
        leaf_targetids=[0 for _ in leaves],
        leaf_weights=tensor("weights", TensorProto.FLOAT, [0.1 * leaf - 0.5 for leaf in leaves]),
        n_targets=1,
        aggregate_function=0,
        post_transform=0,
    )
    graph = helper.make_graph(
        [node],
        "every comparison",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 5)]
    write("every-comparison", helper.make_model(graph, opset_imports=opsets, ir_version=10))


if __name__ == "__main__":
    from_sklearn_all()
    from_xgboost()
    from_lightgbm()
    by_hand()
