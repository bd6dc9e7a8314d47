"""The definition as SQL: its steps and patterns mean in DuckDB what they mean in Python."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from matchbook.normalisation import definition, rules
from matchbook.warehouse import open_memory
from tests.normalisation_vectors import Vector, vectors

SPACE = definition()["space"]
SIMPLE = {
    "trim": ("regexp_replace({}, ?, '', 'g')", [f"^{SPACE}+|{SPACE}+$"]),
    "remove_space": ("regexp_replace({}, ?, '', 'g')", [SPACE]),
    "lower": ("lower({})", []),
    "upper": ("upper({})", []),
    "nfc": ("nfc_normalize({})", []),
}
WITH_ARGUMENT = {
    "remove": "regexp_replace({}, ?, '', 'g')",
    "remove_first": "regexp_replace({}, ?, '')",
    "strip": "trim({}, ?)",
    "keep_first": "left({}, ?)",
}

ALL = vectors()


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    return open_memory()


def hashed(duck: duckdb.DuckDBPyConnection, expression: str, given: list[Any]) -> list[Any]:
    query = f"select text, sha256(text) from (select {expression} as text)"
    [row] = duck.execute(query, given).fetchall()
    return list(row)


def by_steps(steps: list[Any]) -> tuple[str, list[Any]] | None:
    """The steps as one expression, or None where one of them is no matter of text alone."""
    expression, given = "?::varchar", list[Any]()
    for step in steps:
        if isinstance(step, str):
            if step not in SIMPLE:
                return None
            form, more = SIMPLE[step]
        elif "at" in step:
            form, more = at_domains(step), []
        else:
            [(name, argument)] = step.items()
            form, more = WITH_ARGUMENT[name], [argument]
        expression, given = form.replace("{}", expression), given + list(more)
    return expression, given


def at_domains(step: dict[str, Any]) -> str:
    """Dots and suffixes of the local part, at some domains only."""
    local = "split_part(text, '@', 1)"
    local = f"split_part({local}, '+', 1)" if "suffix" in step["drop"] else local
    local = f"replace({local}, '.', '')" if "dots" in step["drop"] else local
    domains = ", ".join(f"'{domain}'" for domain in step["at"])
    at = f"{local} || '@' || split_part(text, '@', 2)"
    chosen = f"case when split_part(text, '@', 2) in ({domains}) then {at} else text end"
    return f"(select {chosen} from (select {{}} as text))"


def named(vector: Vector) -> str:
    return f"{vector.profile}-{vector.kind}-{ALL.index(vector)}"


def wanted(vector: Vector) -> bool:
    """Rules of text alone; phones are libphonenumber's, postal addresses stand below."""
    if not vector.sha256_hex or not vector.profile or "control" in vector.kind:
        return False
    said = definition()["profiles"][vector.profile].get(vector.field, {})
    return "steps" in said and by_steps(said["steps"]) is not None


@pytest.mark.parametrize("vector", [v for v in ALL if wanted(v)], ids=named)
def test_steps(duck: duckdb.DuckDBPyConnection, vector: Vector) -> None:
    made = by_steps(rules(vector.profile, vector.field)["steps"])
    assert made is not None
    expression, given = made
    assert hashed(duck, expression, [vector.raw, *given]) == [vector.normalized, vector.sha256_hex]


@pytest.mark.parametrize(
    "vector", [v for v in ALL if v.field == "postal" and not v.kind.endswith("control")], ids=named
)
def test_postal(duck: duckdb.DuckDBPyConnection, vector: Vector) -> None:
    """Postcode and number by the patterns of their country, as `postal` puts them together."""
    postal = definition()["postal"]
    parts = [*vector.raw.split("|"), "", ""][:4]
    country, code, number, extension = (text.strip().upper().replace(" ", "") for text in parts)
    said = postal["countries"].get(country, postal["other"])
    [(is_good, text)] = duck.execute(
        "select regexp_full_match(code, $whole) and not regexp_full_match(code, $not) "
        "and regexp_full_match($number, $form), concat_ws('|', $country, code, "
        "regexp_extract($number, $form, 1), "
        "regexp_replace(regexp_extract($number, $form, 2) || $extension, $keeps, '', 'g')) "
        "from (select regexp_replace($code, $remove, '') as code)",
        {
            "code": code, "country": country, "number": number, "extension": extension,
            "whole": said["whole"], "not": said.get("not", "-"), "remove": said.get("remove", "^$"),
            "form": postal["number"]["whole"], "keeps": postal["extension_keeps"],
        },
    ).fetchall()  # fmt: skip
    assert is_good == bool(vector.sha256_hex)
    if is_good:
        assert hashed(duck, "?::varchar", [text]) == [vector.normalized, vector.sha256_hex]


def test_every_pattern_is_read_by_sql(duck: duckdb.DuckDBPyConnection) -> None:
    """RE2 knows fewer forms than Python: the definition keeps to those that all three know."""
    found = list(patterns(definition()))
    assert len(found) > 25
    for pattern in found:
        duck.execute("select regexp_matches('a', ?)", [pattern]).fetchall()


def patterns(part: Any, name: str = "") -> Any:
    """Every regular expression of the definition, by the names that hold one."""
    holders = {"whole", "not", "remove", "remove_first", "space", "label", "separators", "letters",
               "international", "zero", "extension_keeps", "extension_without"}  # fmt: skip
    if isinstance(part, str) and (name in holders or name == "whole_by_country"):
        yield part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from patterns(value, name if name == "whole_by_country" else key)
    elif isinstance(part, list):
        for value in part:
            yield from patterns(value)
