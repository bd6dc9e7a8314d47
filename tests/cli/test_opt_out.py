"""An opt-out between two nights: partners are told in the next one, whatever else comes in."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from matchbook import deliveries, suppressions
from matchbook.clock import parse_moment
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.demo_home import run_matchbook

pytestmark = pytest.mark.xdist_group("nights")

NOON, NEXT_NIGHT = "2026-11-21T12:00:00Z", "2026-11-22T03:10:00Z"


def next_night(home: Path) -> dict[str, Any]:
    """A night for which no file has come."""
    result = run_matchbook(home, "--now", NEXT_NIGHT, "nightly", "--json")
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def held_of(settings: Settings, client_id: str) -> Iterator[tuple[str, str, str]]:
    """Partner, cookie and record of each pair that a partner holds of the client."""
    for holding in deliveries.held(settings):
        if holding.client_id == client_id:
            for pair in pq.read_table(holding.path).to_pylist():
                yield holding.partner_id, pair["partner_cookie_id"], pair["crm_record_id"]


def removed(settings: Settings, told: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Client, partner and record of each removal in these files."""
    for done in told["deliveries"]:
        target = (done["client_id"], done["partner_id"])
        with settings.delivered.joinpath(*target, done["file_name"]).open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["action"] == "remove"]
        yield from ((*target, row["crm_record_id"]) for row in rows)


@pytest.mark.proof
def test_an_opt_out_alone_removes_what_partners_hold(building_home: Path) -> None:
    settings = Settings(home=building_home)
    client_id = deliveries.held(settings)[0].client_id
    ((record, _),) = Counter(r for _, _, r in held_of(settings, client_id)).most_common(1)
    holders = sorted((client_id, p, r) for p, _, r in held_of(settings, client_id) if r == record)
    at_noon = replace(settings, now=parse_moment(NOON))
    suppressions.add(at_noon, subject_type="record", subject_id=record, client_id=client_id)

    told = next_night(building_home)
    assert (told["lines"], told["published"], len(told["deliveries"])) == (0, True, 16)
    assert sorted(removed(settings, told)) == holders
    assert record not in {r for _, _, r in held_of(settings, client_id)}
    with open_file(settings.warehouse) as connection:
        query = "select count(*) from marts.matches where client_id = ? and crm_record_id = ?"
        assert connection.execute(query, [client_id, record]).fetchone() == (0,)

    again = next_night(building_home)
    assert (again["build_id"], again["published"]) == (told["build_id"], False)
    assert again["deliveries"] == []
