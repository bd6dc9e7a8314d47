"""The collector refuses what ingest refuses in a web log, for the same reason, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import duckdb
import pytest

from ingest.collector.calls import parse_call
from ingest.collector.cookie_ids import refusal
from ingest.collector.directory import Directory
from ingest.collector.sync import place_of_sync
from matchbook.partners import load_partners
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.pixel_desk import Desk, json_line
from tests.pixel_lines import REGISTRY

AT = datetime(2026, 11, 20, 10, 5, 3, tzinfo=UTC)
SMALL, LARGE = 3_000, 200_000
FIXED = (
    "", "null", "NULL", "undefined", "0", "-1", "OptOut", "DMPCOOKIEID", "${COOKIE}", "[CookieId]",
    "%%MACRO%%", "%25%25MACRO%25%25", "{WEBO_CID}", "$$x$$", "<id>", "a@b.nl", "a%40b.nl",
    "a%2540b.nl", "+31612345678", "0031612345678", "0612345678", "31612345678", "12345678901",
    "cx%253Aq0z69n8hmkai2pl35tlk52inz%253A2ad19et875jma", "%7B%22browserId%22%3A1%7D", "%ff", "%zz",
    "a b", "a%00b",
    "a%0Ab", "%C2%A0", "%E2%80%AEx", "%C4%B0", "K", "%E2%84%AA", "x" * 256, "x" * 257,
    "%F0%9F%98%80" * 256, "ä" * 20, "%20" * 3, " x ", "a%", "%", "%4", "+", "'", "%27", "\\", "\"",
    "00000000-0000-0000-0000-000000000000", "00000000-0000-4000-A000-000000000000",
)  # fmt: skip
ALPHABET = (
    "abcdefABCDEF0123456789-._~:|@%+$[]{}<> "
    "\u00e9\u0130\u212a\u2028\x0b\x1c\x85\xa0\u2003\u3000\ufeff'\"\\"
)


def test_on_what_is_known_to_go_wrong(desk: Desk) -> None:
    partners = [partner.partner_id for partner in load_partners()]
    agree(desk, [(partner, text) for partner in partners for text in FIXED])


def test_on_what_looks_like_the_partners_ids(desk: Desk) -> None:
    agree(desk, list(generated(SMALL)))


@pytest.mark.proof
def test_on_very_many(desk: Desk) -> None:
    agree(desk, list(generated(LARGE)))


def test_the_rules_are_those_of_the_sql_that_reads_logs() -> None:
    for partner in load_partners():
        for sample in partner.sample_ids:
            assert refusal(partner.partner_id, sample, sample) is None


def agree(desk: Desk, calls: list[tuple[str, str]]) -> None:
    """Compare, call by call, our reason with that of ingest for the same URL."""
    queries = [f"site=shop&partner={partner}&cookieid={text}&read=false" for partner, text in calls]
    lines = [json_line(uri=f"/bakery/sync/dmpsyncendpoint?{query}") for query in queries]
    desk.land(*lines, name="agree.log")
    theirs = dict(desk.rows("select line_number, reason from raw.quarantine"))
    assert 0.1 < len(theirs) / len(lines) < 0.95
    directory = Directory(REGISTRY)
    for number, query in enumerate(queries, 1):
        place = place_of_sync(directory, called(query))
        ours = place if isinstance(place, str) else None
        assert ours == theirs.get(number), ascii(query)


def called(query: str):
    return parse_call(
        method="GET", path="/bakery/sync/dmpsyncendpoint", query=query,
        headers={"host": "px.acme.example"}, peer="203.0.113.9:1", at=AT,
    )  # fmt: skip


def generated(count: int) -> Iterator[tuple[str, str]]:
    """Ids of the partners, changed here and there; some of nothing but odd characters."""
    chance = random.Random(20261120)
    for _ in range(count):
        partner = chance.choice(load_partners())
        text = chance.choice([*partner.sample_ids, "31612345678", "${X}", "x@y.nl", ""])
        for _ in range(chance.choice((0, 1, 2, 8))):
            place = chance.randint(0, len(text))
            text = text[:place] + chance.choice(ALPHABET) + text[place + chance.randint(0, 1) :]
        text = chance.choice((str, str.upper, str.lower))(text)
        if chance.random() < 0.7:
            text = quote(text, safe=chance.choice(("", ":@", "%")))
        yield partner.partner_id, text.replace("&", "").replace("#", "")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    connection: duckdb.DuckDBPyConnection
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings)
