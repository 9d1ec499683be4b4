"""Watches streams of shares with other people's detectors (serve.py).

Question: detect (a table of shares, row-major float32, one row an explanation; the first rows only warm up). Every feature has a detector of its
own, as these libraries are used; an alarm of any of them is an alarm of the window in which it falls. Windows are counted from 0.
"""

import importlib.metadata
import platform

import numpy as np
from river import drift
from serve import serve

DETECTORS = {"ADWIN": drift.ADWIN, "Page–Hinkley": drift.PageHinkley}


def versions() -> dict:
    return {"python": platform.python_version(), "packages": {"river": importlib.metadata.version("river")}}


def detect(table: str, features: int, warm_up: int, window: int) -> dict:
    rows = np.fromfile(table, np.float32).reshape(-1, features).astype(float)
    return {name: alarms_of(make, rows, warm_up, window) for name, make in DETECTORS.items()}


def alarms_of(make, rows: np.ndarray, warm_up: int, window: int) -> list[int]:
    windows = set()
    for column in rows.T:
        detector = make()
        for at, share in enumerate(column.tolist()):
            detector.update(share)
            if detector.drift_detected and at >= warm_up:
                windows.add((at - warm_up) // window)
    return sorted(windows)


serve({"versions": versions, "detect": detect})
