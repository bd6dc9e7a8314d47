"""One way of finding who is like a seed, in a process of its own: prints its seconds and peak.

`python -m tests.benchmarks.lookalike_runs WAY MATRIX [TIMES]`
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from matchbook.lookalikes import evaluation
from matchbook.lookalikes.features import Feature
from matchbook.lookalikes.measures import auc
from matchbook.lookalikes.source import Flags, Matrix, Numbers, Scores
from matchbook.lookalikes.table_source import TableSource
from tests.memory import peak_mib


@dataclass(frozen=True)
class Repeated:
    """The same rows several times, as if they were more people."""

    once: TableSource
    times: int

    @property
    def features(self) -> tuple[Feature, ...]:
        return self.once.features

    @property
    def keys(self) -> Numbers:
        return np.arange(self.times * len(self.once.keys), dtype=np.int64)

    def rows(self, positions: Numbers) -> Matrix:
        size = len(self.once.keys)
        parts = [
            self.once.rows(positions[positions // size == time_] % size)
            for time_ in range(self.times)
        ]
        return np.concatenate(parts)

    def batches(self) -> Iterator[tuple[slice, Matrix]]:
        size = len(self.once.keys)
        for time_ in range(self.times):
            for part, rows in self.once.batches():
                yield slice(time_ * size + part.start, time_ * size + part.stop), rows


def ours(path: Path, kind: Numbers, times: int) -> Scores:
    """As a refresh does, from the file on disk."""
    source = Repeated(TableSource(path, ("kind",)), times)
    return evaluation.ours(source, np.tile(kind == 2, times), 1)


def logistic_regression(path: Path, kind: Numbers, times: int) -> Scores:
    """scikit-learn's: fit on all, predict all."""
    from sklearn.linear_model import LogisticRegression

    return _on_all(path, kind, lambda rows, known: LogisticRegression().fit(rows, known))


def scaled_logistic_regression(path: Path, kind: Numbers, times: int) -> Scores:
    """The same on standardised columns, on which it converges; for comparison."""
    from sklearn.linear_model import LogisticRegression

    def fit(rows: Matrix, known: Flags) -> object:
        rows -= rows.mean(axis=0)
        rows /= rows.std(axis=0)
        return LogisticRegression().fit(rows, known)

    return _on_all(path, kind, fit)


def gradient_boosting(path: Path, kind: Numbers, times: int) -> Scores:
    """scikit-learn's, on all."""
    from sklearn.ensemble import HistGradientBoostingClassifier as Trees

    return _on_all(path, kind, lambda rows, known: Trees(random_state=0).fit(rows, known))


WAYS = {"ours": ours, "logistic": logistic_regression,
        "scaled": scaled_logistic_regression, "boosting": gradient_boosting}  # fmt: skip
SECONDS: dict[str, float] = {}


def _on_all(path: Path, kind: Numbers, fit: Callable[[Matrix, Flags], object]) -> Scores:
    begun = time.perf_counter()
    rows = np.concatenate([rows for _, rows in TableSource(path, ("kind",)).batches()])
    SECONDS["reading"] = time.perf_counter() - begun
    model = fit(rows, kind == 2)
    SECONDS["fitted"] = time.perf_counter() - begun
    return np.asarray(model.decision_function(rows), dtype=np.float64)  # type: ignore[attr-defined]


def main() -> None:
    way, path, times = sys.argv[1], Path(sys.argv[2]), int((*sys.argv, "1")[3])
    kind = pq.read_table(path, columns=["kind"]).column(0).to_numpy()
    begun, used = time.perf_counter(), time.process_time()
    scores = WAYS[way](path, kind, times)
    told = {"seconds": time.perf_counter() - begun, "processor": time.process_time() - used}
    kinds = np.tile(kind, times)
    pool = np.flatnonzero(kinds != 2)
    found = auc((kinds[pool] == 1)[np.argsort(-scores[pool], kind="stable")])
    told |= {"auc": found.value, "peak_mib": peak_mib(), "people": len(scores), **SECONDS}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
