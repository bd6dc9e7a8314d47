"""`matchbook lookalike`: studies, saves and the harness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from matchbook.cli import main
from matchbook.kept_audiences import store
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import SHOP, make_client
from tests.matchbook.lookalikes.shops import BUYERS, open_shop


@pytest.fixture
def shop(settings: Settings) -> Settings:
    store.create(make_client(settings), SHOP, BUYERS, by="test")
    return open_shop(settings)


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "lookalike", *arguments])


def told(home: Path, *arguments: str) -> dict[str, Any]:
    result = run(home, *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_study_list_show_and_save(shop: Settings) -> None:
    study = told(shop.home, "study", SHOP, "buyers")
    assert study["label"] in ("usable", "strong")
    shown = run(shop.home, "show", SHOP, study["key"])
    assert "picked at random" in shown.output
    assert "reachable in CEP" in shown.output
    listed = told(shop.home, "list", SHOP)["studies"]
    assert [(one["key"], one["label"]) for one in listed] == [(study["key"], study["label"])]
    saved = told(shop.home, "save", SHOP, "buyers", "300", "--by", "ana", "--name", "More")
    similar = store.get(shop, SHOP, saved["audience_id"]).definition.similar
    assert similar is not None
    assert (similar.people, similar.study_key) == (300, study["key"])


def test_an_unknown_study_and_seed_are_refused(shop: Settings) -> None:
    assert run(shop.home, "show", SHOP, "nothing").exit_code == 65
    assert run(shop.home, "study", SHOP, "nobody").exit_code == 65
    assert run(shop.home, "evaluate", SHOP).exit_code == 2


def test_evaluate_an_audience_beside_four_rivals(shop: Settings) -> None:
    found = told(shop.home, "evaluate", SHOP, "buyers", "--draws", "1")
    methods = {one["method"]: one for one in found["methods"]}
    assert set(methods) == {"Matchbook", "logistic regression", "gradient boosting",
                            "naive Bayes", "centre similarity", "random"}  # fmt: skip
    assert methods["Matchbook"]["auc"] > 0.6 > methods["random"]["auc"]
    assert len(methods["Matchbook"]["lifts"]) == 3


@pytest.fixture(scope="module")
def table() -> pa.Table:
    chance = np.random.default_rng(3)
    taste = chance.choice(["sweet", "salty", None], 600)
    age = chance.integers(18, 80, 600).astype(float)
    seed = (chance.random(600) < np.where(taste == "sweet", 0.5, 0.1)).astype(int)
    return pa.table({"user": np.arange(600), "taste": taste, "age": age, "seed": seed})


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_evaluate_any_table(tmp_path: Path, table: pa.Table, suffix: str) -> None:
    path = tmp_path / f"table.{suffix}"
    if suffix == "csv":
        table.to_pandas().to_csv(path, index=False)
    else:
        pq.write_table(table, path)
    found = told(tmp_path, "evaluate", "--table", str(path), "--key", "user", "--draws", "1")
    assert (found["people"], found["features"]) == (600, 3)
    assert found["methods"][0]["auc"] > 0.6


@pytest.mark.parametrize("broken", ["column", "values", "format", "few"])
def test_a_table_that_is_none_is_refused(tmp_path: Path, table: pa.Table, broken: str) -> None:
    path = tmp_path / "table.parquet"
    if broken == "values":
        table = table.set_column(3, "seed", table["age"])
    pq.write_table(table.slice(0, 20) if broken == "few" else table, path)
    if broken == "format":
        path.write_bytes(b"PAR1 no more")
    named = ("--key", "nobody") if broken == "column" else ()
    result = run(tmp_path, "evaluate", "--table", str(path), *named)
    assert result.exit_code == 65, result.output
