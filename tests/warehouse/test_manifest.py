"""The rules of the dbt project, read from its manifest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from matchbook.publishing.tables import PRIVATE
from tests.warehouse.project import PROJECT, artifact, models, rows

pytestmark = pytest.mark.xdist_group("warehouse")

PREFIXES = {"staging": r"stg_[a-z]+__[a-z_]+", "intermediate": r"int_[a-z_]+"}
PREFIXES |= {"marts": r"(?!stg_|int_|exp_)[a-z_]+", "exports": r"exp_[a-z_]+"}

WITHOUT_A_GRAIN = {"stg_crm__identifiers"}
"""A CRM file may repeat a line, and then this repeats it too."""

PERSONAL = re.compile(r"e_?mail|phone|address|postal|identifier_key|sha256|hash|^ip")
MOST_DATA_TESTS = 155
"""Each costs every night a few hundredths of a second."""

Manifest = dict[str, Any]


def test_every_model_says_its_grain(manifest: Manifest) -> None:
    silent = [
        name
        for name, model in models(manifest).items()
        if not re.search(r"One row per [^.;]+(; [^.]+)?\.$", model["description"].strip())
    ]
    assert silent == []


def test_every_grain_is_tested(manifest: Manifest) -> None:
    tested = {
        node["attached_node"].split(".")[-1]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "one_row_per"
    }
    assert set(models(manifest)) - tested == WITHOUT_A_GRAIN


def test_names_tell_the_layer(manifest: Manifest) -> None:
    misnamed = [
        name
        for name, model in models(manifest).items()
        if not re.fullmatch(PREFIXES[model["schema"]], name)
        or model["path"].split("/")[0] != model["schema"]
    ]
    assert misnamed == []


def test_marts_and_exports_have_contracts(manifest: Manifest) -> None:
    loose = [
        name
        for name, model in models(manifest).items()
        if model["schema"] in ("marts", "exports") and not model["contract"]["enforced"]
    ]
    assert loose == []


def test_public_columns_are_described_in_one_sentence(manifest: Manifest) -> None:
    mute = [
        f"{model['name']}.{column['name']}"
        for model, column in _public_columns(manifest)
        if not re.fullmatch(r"[A-Z][^\n.]{8,230}\.", column["description"].strip())
    ]
    assert mute == []


def test_no_public_column_is_named_like_personal_data(manifest: Manifest) -> None:
    named = [
        f"{model['name']}.{column['name']}"
        for model, column in _public_columns(manifest)
        if PERSONAL.search(column["name"])
    ]
    assert named == []


def test_private_columns_of_marts_are_marked_and_dropped_by_publishing(manifest: Manifest) -> None:
    marts = [pair for pair in _public_columns(manifest) if pair[0]["schema"] == "marts"]
    marked = {c["name"] for _, c in marts if c["config"].get("meta", {}).get("private")}
    assert marked == {c["name"] for _, c in marts if c["name"].endswith(PRIVATE)}
    assert marked == {"visitor_id", "partner_cookie_id"}


def test_only_staging_reads_sources_and_nothing_reads_exports_back(manifest: Manifest) -> None:
    layers = {"staging": 0, "intermediate": 1, "marts": 2, "exports": 3}
    wrong = []
    for name, model in models(manifest).items():
        for parent in model["depends_on"]["nodes"]:
            is_source = parent.startswith("source.")
            if is_source != (model["schema"] == "staging"):
                wrong.append(name)
            elif not is_source and "exports" not in model["schema"]:
                parent_layer = manifest["nodes"][parent]["schema"]
                wrong += [name] if layers[parent_layer] > layers["marts"] else []
    assert wrong == []


def test_sources_are_the_raw_tables_and_described(manifest: Manifest) -> None:
    created = re.findall(
        r"create table if not exists raw\.(\w+)", (PROJECT / "macros/raw_tables.sql").read_text()
    )
    sources = {source["name"]: source["description"] for source in manifest["sources"].values()}
    assert set(sources) == set(created)
    assert [name for name, text in sources.items() if "One row per" not in text] == []


def test_exposures_name_a_team(manifest: Manifest) -> None:
    exposures = {e["name"]: e for e in manifest["exposures"].values()}
    assert set(exposures) == {"dashboard", "nightly_match_files"}
    assert [n for n, e in exposures.items() if not e["owner"]["name"].endswith(" team")] == []
    shown = {parent.split(".")[-1] for parent in exposures["dashboard"]["depends_on"]["nodes"]}
    assert shown == {n for n, m in models(manifest).items() if m["schema"] == "marts"}


def test_laws_are_stated_before_they_are_queried() -> None:
    mute = [
        law.name
        for law in (PROJECT / "tests").glob("*.sql")
        if not re.match(r"-- Law.*\n(-- .*\n){1,4}", law.read_text())
    ]
    assert mute == []


def test_unit_tests_tell_a_story_and_stay_out_of_the_night(
    manifest: Manifest, empty_home: Path
) -> None:
    stories = {unit["name"]: unit["description"] or "" for unit in manifest["unit_tests"].values()}
    assert [name for name, story in stories.items() if len(story) < 40] == []
    ran = {row["unique_id"] for row in artifact(empty_home, "run_results")["results"]}
    assert not ran & set(manifest["unit_tests"])


def test_data_tests_stay_few_and_all_run(manifest: Manifest, empty_home: Path) -> None:
    tests = {u for u, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    ran = {row["unique_id"] for row in artifact(empty_home, "run_results")["results"]}
    assert tests <= ran
    assert len(tests) <= MOST_DATA_TESTS


def test_a_fresh_home_has_all_marts_and_no_rows(manifest: Manifest, empty_home: Path) -> None:
    marts = [name for name, model in models(manifest).items() if model["schema"] == "marts"]
    counts = {
        name: rows(empty_home / "warehouse.duckdb", f"select count(*) from marts.{name}")[0][0]
        for name in marts
    }
    assert counts == dict.fromkeys(marts, 0)


def test_descriptions_reach_the_catalog(empty_home: Path) -> None:
    query = "select comment from duckdb_columns() where schema_name = 'marts' and not internal"
    assert [
        comment for (comment,) in rows(empty_home / "warehouse.duckdb", query) if not comment
    ] == []


@pytest.mark.parametrize("schema", ["staging", "intermediate", "marts", "exports"])
def test_columns_have_types_that_both_engines_know(empty_home: Path, schema: str) -> None:
    query = f"select distinct data_type from duckdb_columns() where schema_name = '{schema}'"
    known = {"VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP"}
    assert {name for (name,) in rows(empty_home / "warehouse.duckdb", query)} <= known


def _public_columns(manifest: Manifest) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        (model, column)
        for model in models(manifest).values()
        if model["schema"] in ("marts", "exports")
        for column in model["columns"].values()
    ]
