"""Fits the confidence weights on demo worlds whose truth is known, and writes them into dbt.

    python -m tests.benchmarks.fit_confidence

A logistic regression with a light ridge over every pair with evidence of the TUNING_SEEDS.
The features are the columns of `int_visitor_record_dates` that the macro `confidence_points`
weighs; the held-out seeds of `calibration.py` are never read here.
"""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.calibration import TUNING_SEEDS, VISITORS, judged_pairs, make_home
from tests.warehouse.project import PROJECT

TARGET = PROJECT / "macros/confidence_weights.sql"
RIDGE = 1.0
ROUNDS = 50
DIRECT = "('identify', 'bake', 'read')"
BASES = ("identify", "bake", "read", "click", "shared_same", "shared", "shared_other", "household")
GROUPS = {
    "strong": f"basis in {DIRECT}",
    "click": "basis = 'click'",
    "weak": f"basis not in {DIRECT} and basis <> 'click'",
}

FEATURES: dict[tuple[str, ...], str] = {
    **{("basis", basis): f"basis = '{basis}'" for basis in BASES},
    **{("not_browsing", name): f"not is_browsing and {group}" for name, group in GROUPS.items()},
    **{("rival", name): f"has_rival and {group}" for name, group in GROUPS.items()},
    ("another_kind",): "greatest(own_kinds - 1, 0)",
    **{
        ("repeated", name): f"case when {GROUPS[name]} then ln(greatest(own_days, 1)) else 0 end"
        for name in ("strong", "click")
    },
    ("browsers",): "ln(browsers_of_record)",
    ("month",): "evidence_age_days / 30.0",
}
"""Each weight's name and what it is multiplied by; the same as in the macro."""

FIXED = {("repeated", "strong"): 0.1, ("month",): -0.1}
"""Not fitted, but chosen: in the demo nobody sells a computer or mistypes at a log-in, so it
cannot teach that old evidence says less and a second log-in more."""

Floats = NDArray[np.float64]


def main() -> None:
    """Make the tuning worlds, fit, write, and print the weights."""
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for seed in TUNING_SEEDS:
            home = Path(folder) / f"seed{seed}"
            make_home(home, seed=seed, visitors=VISITORS)
            parts.append(design(home))
    weights = fit(np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts]))
    TARGET.write_text(macro(weights))
    print(TARGET.read_text())


def design(home: Path) -> tuple[Floats, Floats]:
    """One row per pair with evidence: its features, and whether it is right."""
    with duckdb.connect() as connection:
        connection.register("pairs", judged_pairs(home))
        columns = ", ".join(f"cast({term} as double)" for term in FEATURES.values())
        table = connection.execute(f"select {columns}, cast(is_right as double) from pairs")
        whole = np.column_stack([*table.fetchnumpy().values()])
    return whole[:, :-1], whole[:, -1]


def fit(features: Floats, right: Floats) -> Floats:
    """Weights by Newton's method; the ridge keeps what is hardly ever seen near zero."""
    weights = np.array([FIXED.get(name, 0.0) for name in FEATURES])
    free = np.array([name not in FIXED for name in FEATURES])
    for _ in range(ROUNDS):
        expected = 1 / (1 + np.exp(-features @ weights))
        gradient = features[:, free].T @ (right - expected) - RIDGE * weights[free]
        spread = (expected * (1 - expected))[:, None]
        curvature = features[:, free].T @ (features[:, free] * spread) + RIDGE * np.eye(free.sum())
        step = np.linalg.solve(curvature, gradient)
        weights[free] += step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def weights_in_use() -> Floats:
    """What the macro holds now, in the order of the features."""
    text = TARGET.read_text()
    nested = ast.literal_eval(text[text.index("return(") + 7 : text.rindex(") }}")])
    found = [nested[name[0]] if len(name) == 1 else nested[name[0]][name[1]] for name in FEATURES]
    return np.array(found, dtype=np.float64)


def macro(weights: Floats) -> str:
    """The weights as the dbt macro that the models read, to three decimals."""
    nested: dict[str, object] = {}
    for name, weight in zip(FEATURES, weights.round(3).tolist(), strict=True):
        if len(name) == 1:
            nested[name[0]] = weight
        else:
            group = nested.setdefault(name[0], {})
            assert isinstance(group, dict)
            group[name[1]] = weight
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in nested.items())
    return (
        "{# Written by `python -m tests.benchmarks.fit_confidence`; not to be changed by hand. #}\n"
        "{% macro confidence_weights() %}\n{{ return({\n" + lines + "}) }}\n{% endmacro %}\n"
    )


if __name__ == "__main__":
    main()
