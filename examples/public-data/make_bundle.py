"""Makes a model bundle of the credit card clients of Taiwan (UCI 350, DOI 10.24432/C55S3H, CC BY 4.0).

    python make_bundle.py UCI_Credit_Card.csv ./taiwan-default

The CSV has one client a row; the last column, whatever its name, is 1 for default in the next month.
"""

import sys
from pathlib import Path

import numpy as np
import onnxmltools
import onnxruntime
import pandas
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

CUTOFF = 0.3


def main(csv: str, bundle: str) -> None:
    directory = Path(bundle)
    directory.mkdir(parents=True, exist_ok=True)
    x, y = read_clients(csv)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.3, stratify=y, random_state=1)

    model = XGBClassifier(n_estimators=100, max_depth=4, learning_rate=0.1, n_jobs=1)
    # Plain arrays: the converter wants no column names.
    model.fit(train_x.to_numpy(), train_y)
    types = [("input", FloatTensorType([None, x.shape[1]]))]
    graph = onnxmltools.convert_xgboost(model, initial_types=types, target_opset=15)
    (directory / "model.onnx").write_bytes(graph.SerializeToString())
    train_x.sample(1000, random_state=1).to_csv(directory / "reference.csv", index=False, float_format="%.9g")
    (directory / "bundle.yaml").write_text(describe(list(x.columns)), "utf-8")
    write_decisions(test_x, directory.parent / "decisions.jsonl")

    exported = scores(directory / "model.onnx", test_x.to_numpy())
    apart = np.abs(exported - model.predict_proba(test_x.to_numpy())[:, 1]).max()
    quality = f"AUC {roc_auc_score(test_y, exported):.3f}, declined {np.mean(exported >= CUTOFF):.1%}"
    print(f"{quality}, ONNX against XGBoost at most {apart:.1e} apart")


def read_clients(csv: str) -> tuple[pandas.DataFrame, pandas.Series]:
    table = pandas.read_csv(csv)
    outcome = table.columns[-1]
    # Graphs take float32: a model fitted on float32 splits at the same values.
    return table.drop(columns=["ID", outcome], errors="ignore").astype(np.float32), table[outcome]


def describe(columns: list[str]) -> str:
    features = "\n".join(f"  - {{ name: {name}{DETAILS.get(name, '')} }}" for name in columns)
    return HEAD.format(cutoff=CUTOFF) + features + "\n"


HEAD = """\
model:
  name: taiwan-default
  version: "1.0.0"
  file: model.onnx
  output: probabilities
  explain: log-odds
decision:
  adverse: high
  cutoff: {cutoff}
reference:
  file: reference.csv
  population: just-above-cutoff
  size: 100
features:
"""

MONTHS = [
    ("September", "septembre"),
    ("August", "août"),
    ("July", "juillet"),
    ("June", "juin"),
    ("May", "mai"),
    ("April", "avril"),
]


def by_month(column: str, english: str, french: str, rest: str) -> dict[str, str]:
    label = f", label: {{{{ en: {english} {{}}, fr: {french} en {{}} }}}}, {rest}"
    return {f"{column}{number}": label.format(*month) for number, month in enumerate(MONTHS, 1)}


DETAILS = {
    "LIMIT_BAL": ", label: { en: Credit limit, fr: Plafond de crédit }, unit: TWD, group: limit",
    "SEX": ', label: { en: Sex, fr: Sexe }, values: { "1": male, "2": female }, protected: true',
    "EDUCATION": ", label: { en: Education, fr: Niveau d’études }",
    "MARRIAGE": ", label: { en: Marital status, fr: Situation matrimoniale }, protected: true",
    "AGE": ", label: { en: Age, fr: Âge }, protected: true",
    **by_month("PAY_", "Months of delay in", "Mois de retard", "group: delays, actionable: true"),
    **by_month("BILL_AMT", "Bill of", "Relevé", "unit: TWD, group: bills"),
    **by_month("PAY_AMT", "Payment in", "Paiement", "unit: TWD, group: payments"),
}
# The data call September's delay PAY_0, the one before it PAY_2.
DETAILS["PAY_0"] = DETAILS.pop("PAY_1")


def write_decisions(clients: pandas.DataFrame, file: Path) -> None:
    """A hundred clients the model has not seen, as decisions to explain."""
    lines = [
        f'{{"eventId": "client-{index}", "features": {row.to_json(double_precision=15)}}}\n'
        for index, row in clients.head(100).iterrows()
    ]
    file.write_text("".join(lines), "utf-8")


def scores(model: Path, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"input": x})[0][:, 1]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python make_bundle.py CSV BUNDLE_DIRECTORY")
    main(sys.argv[1], sys.argv[2])
