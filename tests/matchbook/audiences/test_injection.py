"""P34: no text of a definition reaches SQL as code, whatever it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from matchbook.audiences import World, compile_audience, compile_count, members, of, read, write
from matchbook.audiences.answers import estimate, explain, funnel
from matchbook.audiences.sentences import describe
from matchbook.warehouse import open_memory
from tests.matchbook.audiences import oracle
from tests.matchbook.audiences.worlds import AS_OF, Browser, Hit, Person, Stage, connect

HOSTILE = (
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE people; --",
    "x') UNION SELECT member_key FROM people --",
    "1 AND SLEEP(5)",
    "' || (SELECT crm_record_id FROM people LIMIT 1) || '",
    "$p1",
    "$1; ATTACH '/etc/passwd' AS x",
    "') ; COPY people TO '/tmp/out.csv' --",
    "' UNION ALL SELECT 1 FROM read_csv('/etc/passwd') --",
    "read_csv('/etc/passwd')",
    "INSTALL httpfs; LOAD httpfs; SET enable_external_access=true",
    "\\'; PRAGMA database_list; --",
    '"; CALL pragma_version(); --',
    "{{ env_var('HOME') }}",
    "%' ESCAPE '!",
    "/* */ or /*",
    "\u2019 OR \uff07a\uff07=\uff07a",
    "\\",
    "'",
    '"',
    "$$",
    "--",
    "\x01\x1b[2J",
)


def everywhere(text: str) -> dict[str, Any]:
    """A definition with the text in every field that takes one."""
    match = {"operator": "contains", "value": text}
    visited = {"what": "visited", "site": match, "section": {"value": text}, "page": match}
    begins = {"operator": "starts_with", "value": text}
    clicked = {"what": "clicked", "message": {"value": text}, "section": begins}
    conditions = [
        {"kind": "did", "action": visited},
        {"kind": "did", "action": {"what": "event", "event": begins, "site": {"value": text}}},
        {"kind": "did", "action": clicked, "at_least": 2},
        {"kind": "sequence", "first": visited, "then": clicked, "within_hours": 1},
        {"kind": "uses", "what": "browser", "match": begins},
        {"kind": "uses", "what": "referrer_host", "match": match},
        {"kind": "seen_by", "partner": text},
        {"kind": "attribute", "name": text, "test": {"type": "known"}},
        {"kind": "attribute", "name": text, "test": {"type": "text", "match": match}},
        {"kind": "in_audience", "audience": text},
        {"kind": "on_list", "list": text},
        {"kind": "in_share", "percent": 50, "salt": text},
    ]
    return {
        "name": "x" + text[:100],
        "description": text,
        "owner": text[:100],
        "categories": ["x" + text[:50]],
        "enter": {"kind": "any", "of": conditions},
        "leave": {"kind": "all", "of": conditions},
    }


KEPT = of(name="kept", enter={"kind": "is", "what": "matched"}, expires_after_days=1)
WORLD = World(AS_OF, resolve=lambda _: KEPT)


def naughty(public_data: Path) -> list[str]:
    """The Big List of Naughty Strings, but for the empty one and what no store can hold."""
    texts = json.loads((public_data / "h01_blns" / "blns.json").read_text())
    return [text[:500] for text in texts if text.strip() and "\x00" not in text]


def odd(texts: Sequence[str]) -> list[str]:
    """Texts that change the SQL."""

    def sql(text: str) -> str:
        return compile_count(of(**{**everywhere(text), "leave": None}), WORLD).sql

    harmless = sql("harmless")
    return [text for text in texts if sql(text) != harmless]


def test_the_sql_is_the_same_whatever_the_texts_are(public_data: Path) -> None:
    assert odd([*HOSTILE, *naughty(public_data)[::20]]) == []


@pytest.mark.proof
def test_the_sql_is_the_same_for_every_naughty_string(public_data: Path) -> None:
    texts = naughty(public_data)
    assert len(texts) > 450
    assert odd(texts) == []
    print(f"\n{len(texts)} naughty strings through every text field: one and the same SQL")


def test_naughty_definitions_are_told_and_stored(public_data: Path) -> None:
    for text in naughty(public_data):
        definition = of(**everywhere(text))
        assert read(write(definition)) == definition
        assert text in describe(definition)


@pytest.fixture(scope="module")
def acted() -> Stage:
    """Somebody for each hostile text, all of whose values are that text."""
    people = tuple(
        Person(
            n * 2**50,
            crm_record_id=f"r{n}",
            attributes=((text, text),),
            partners=((text, AS_OF),),
            lists=(text,),
        )
        for n, text in enumerate(HOSTILE)
    )
    browsers = tuple(Browser(n, p.member_key, browser=HOSTILE[n]) for n, p in enumerate(people))
    hits = tuple(
        Hit(n, AS_OF, kind, text, text, text, text if kind == "event" else None)
        for n, text in enumerate(HOSTILE)
        for kind in ("page_view", "event")
    )
    return Stage(people, browsers, hits)


@pytest.fixture(scope="module")
def closed(acted: Stage) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same settings as a reader's: no other file, and nobody can open one."""
    with closing(connect(acted)) as connection:
        connection.execute("set enable_external_access = false; set lock_configuration = true")
        yield connection


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_compared_and_nothing_else(
    acted: Stage, closed: duckdb.DuckDBPyConnection, text: str
) -> None:
    definition = of(**{**everywhere(text), "leave": None})
    others = {text: KEPT}
    found = members(definition, WORLD, closed)
    assert found == sorted(oracle.members(definition, acted, others))
    assert acted.people[HOSTILE.index(text)].member_key in found
    assert funnel(definition, WORLD, closed)[-1].left == len(found)
    assert explain(definition, found[0], WORLD, closed).qualifies
    assert estimate(definition, WORLD, closed).low >= 0
    assert closed.execute("select count(*) from people").fetchone() == (len(HOSTILE),)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_one_statement_and_no_literal_of_ours(text: str) -> None:
    query = compile_audience(of(**everywhere(text)), WORLD)
    assert len(duckdb.extract_statements(query.sql)) == 1
    literals = {node.this for node in query.tree.find_all(exp.Literal)}
    assert literals <= {"page_view", "event", "click", "1"}
    assert text in query.parameters.values()


def test_a_free_statement_opens_no_file() -> None:
    # UI17: there is no free SQL, and if there were, the reader's connection would refuse.
    with closing(open_memory()) as connection:
        connection.execute("set enable_external_access = false; set lock_configuration = true")
        for statement in (
            "select * from read_csv('/etc/passwd')",
            "attach '/tmp/x.duckdb' as other",
            "copy (select 1) to '/tmp/x.csv'",
            "install httpfs",
            "set enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
