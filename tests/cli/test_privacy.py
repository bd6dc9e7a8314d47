"""A person sent through every path, erased, and looked for in every byte a month later."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.erasing.lake import open_lake
from ingest.erasing.tracing import trace
from matchbook import deliveries, registry, state
from matchbook.clock import parse_moment
from matchbook.erasure import requests
from matchbook.erasure.people import Person
from matchbook.failpoints import ERASING_FAILPOINTS
from matchbook.kept_audiences import lists
from matchbook.keys import load_keys
from matchbook.pushes import outbox, partner_files
from matchbook.pushes.tables import push_members, pushes
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests import erasing_world
from tests.byte_scan import found
from tests.demo_home import run_matchbook
from tests.erasing_world import ANNA, BOB, COOKIES
from tests.pixel_desk import segment

pytestmark = pytest.mark.xdist_group("nights")

NOON, NEXT_NIGHT = "2026-11-21T12:00:00Z", "2026-11-22T03:10:00Z"
IN_14_MONTHS = "2028-01-21T03:10:00Z"
A_WEEK_LATER, A_MONTH_LATER = "2026-11-29T03:10:00Z", "2026-12-21T12:00:00Z"
KILLED = -9
HASH = "5e" * 32
"""Of somebody whose file was refused; the keys of hashes that landed are looked for."""


def at(home: Path, moment: str) -> Settings:
    return Settings(home=home, now=parse_moment(moment))


def run(home: Path, moment: str, *arguments: str, **environ: str) -> dict[str, Any]:
    result = run_matchbook(home, "--now", moment, *arguments, "--json", **environ)
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def somebody(settings: Settings) -> Person:
    """Of the records that most partners hold, the first recognised by an e-mail too."""
    document, keys = registry.current(settings), load_keys(settings.keys)
    client_id = document.clients[0].client_id
    holders = Counter(
        record
        for holding in deliveries.held(settings)
        if holding.client_id == client_id
        for record in set(pq.read_table(holding.path)["crm_record_id"].to_pylist())
    )
    asked = [Person(n, client_id, (("record", r),)) for n, (r, _) in
             enumerate(sorted(holders.most_common(100)))]  # fmt: skip
    traced = trace(settings, document, keys, asked)
    people = (Person(p.number, client_id, tuple(sorted(traced[p.number]))) for p in asked)
    numbers = contacts_of_others(settings, client_id)
    return next(p for p in people if p.contacts and not p.contacts & numbers and p.of("visitor"))


def contacts_of_others(settings: Settings, client_id: str) -> set[int]:
    """Contact ids are each client's own: another one's may be the same number."""
    with open_lake(settings, registry.current(settings)) as connection:
        query = "select distinct cep_contact_id from lake_crm_rows where client_id <> ?"
        return {row[0] for row in connection.execute(query, [client_id]).fetchall()}


def send_down_the_other_paths(settings: Settings, anna: Person) -> None:
    """What the demo's nights have not done with her: lists, decisions, pushes, damaged files."""
    (record, *_), (browser, *_), (cookie, *_) = (
        sorted(anna.of(kind)) for kind in ("record", "visitor", "partner_cookie")
    )
    file = settings.home / "guests.csv"
    file.write_text(f"crm_record_id\n{record}\nsomebody-else\n")
    lists.replace(settings, anna.client_id, "guests", file, name="Guests", by="a test")
    file.unlink()
    now = datetime(2026, 11, 21, 9)
    with state.begin(settings) as connection:
        connection.execute(
            state.match_decisions.insert().values(
                client_id=anna.client_id, visitor_key=min(anna.visitor_keys),
                crm_record_id=record, decision="this_record", decided_by="a test", decided_at=now,
            )
        )  # fmt: skip
        own = {"client_id": anna.client_id, "audience_id": "x", "destination": "mapp_cep"}
        connection.execute(pushes.insert().values(
            push_id=1, idempotency_key="1", kind="fill", state="done", asked_at=now,
            asked_by="a test", failures=0, **own,
        ))  # fmt: skip
        connection.execute(push_members.insert().values(
            push_id=1, contact_id=min(anna.contacts), action="add", state="confirmed", attempts=1,
        ))  # fmt: skip
        connection.execute(pushes.insert().values(
            push_id=2, idempotency_key="2", kind="fill", state="stuck", asked_at=now,
            asked_by="a test", failures=0, **{**own, "destination": "tealium"},
        ))  # fmt: skip
    stored = partner_files.folder(settings, outbox.get(settings, 2))
    stored.mkdir(parents=True)
    (stored / "audience-2-0001.csv").write_text(f"cookie,audience,action\n{cookie},X,add\n")
    changes = pa.table({"cookie_id": [cookie], "action": ["add"]})
    pq.write_table(changes, stored / partner_files.CHANGES, compression="none")
    settings.refused.mkdir(exist_ok=True)
    (settings.refused / "torn.csv.gz").write_text(f"{record},{HASH}\n")
    call = segment(hit_id="d" * 32, site="och_news", cookieid=cookie, visitor=browser,
                   host="px.example", decision="perhaps")  # fmt: skip
    (settings.inbox / "pixels" / "a.jsonl").write_text(call + "\n")
    (settings.inbox / "pixels" / "a.jsonl.done").touch()


def come_again(settings: Settings, anna: Person) -> None:
    """After the request: an upload of her record, and a call of her browser."""
    document = registry.current(settings)
    list_id = next(one.list_id for one in document.lists if one.client_id == anna.client_id)
    site = next(one.site_id for one in document.sites if one.client_id == anna.client_id)
    folder = settings.inbox / "onboard" / f"audience={list_id}" / "opt-in"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "20261121_130000.csv").write_text(f"crm_record_id,vip\n{min(anna.of('record'))},no\n")
    (folder / "20261121_130000.csv.done").touch()
    call = segment(hit_id="e" * 32, site=site, type="page_view", partner=None, cookieid=None,
                   visitor=min(anna.of("visitor")), at="2026-11-21T13:00:00Z")  # fmt: skip
    (settings.inbox / "pixels" / "b.jsonl").write_text(call + "\n")
    (settings.inbox / "pixels" / "b.jsonl.done").touch()


def ids_of(*people: Person) -> set[str]:
    """Everything she is known by, in clear and in published files."""
    keys = {str(key) for person in people for key in person.member_keys}
    return keys | {subject for person in people for _, subject in person.subjects}


@pytest.mark.proof
def test_P42_a_month_after_the_request_she_is_in_no_byte(building_home: Path) -> None:
    noon = at(building_home, NOON)
    anna = somebody(noon)
    for no_store in ("truth", "received"):
        for path in sorted((building_home / no_store).rglob("*.*")):
            path.unlink()
    send_down_the_other_paths(noon, anna)
    everywhere = found(building_home, ids_of(anna))
    assert {s for _, s in anna.subjects} <= set(everywhere)

    # She asks every company: this one by her record, the others by what they know her by.
    run(building_home, NOON, "privacy", "erase", "--client", anna.client_id, "--by", "a test",
        "--record", min(anna.of("record")))  # fmt: skip
    others = [c.client_id for c in registry.current(noon).clients if c.client_id != anna.client_id]
    known = [s for s in anna.subjects if s[0] in ("identifier", "visitor")]
    for client_id in others:
        requests.ask(noon, "erasure", client_id, [known], by="a test")
    come_again(noon, anna)

    told = run(building_home, NEXT_NIGHT, "nightly")
    assert told["untracked"] >= 2
    assert told["erased"] == []
    persons = [
        Person(r.request_id, r.client_id, tuple(requests.subjects_of(noon, r)))
        for r in requests.all_of(noon)
    ]
    for place in ERASING_FAILPOINTS:
        result = run_matchbook(
            building_home, "--now", A_WEEK_LATER, "privacy", "run", MATCHBOOK_FAILPOINT=place
        )
        assert result.returncode == KILLED, (place, result.stderr)
    run(building_home, A_WEEK_LATER, "privacy", "run")

    before = deliveries.held(noon)
    again = run(building_home, A_MONTH_LATER, "nightly")
    assert (again["erased"], again["deliveries"]) == ([], [])
    assert [(h.partner_id, h.pairs) for h in deliveries.held(noon)] == [
        (h.partner_id, h.pairs) for h in before
    ]
    assert found(building_home, ids_of(*persons) | {HASH}) == {}
    shown = run(building_home, A_MONTH_LATER, "privacy", "certificate", "1")
    print(json.dumps(shown, indent=1))
    assert shown["status"] == "done"
    assert min(shown["erased"].get(store, 0) for store in (
        "hits", "crm_rows", "record_identifiers", "stored_files", "audience_lists", "cep_pushes",
        "partner_audiences",
    )) > 0  # fmt: skip
    how = {one["partner_id"]: one["how"] for one in shown["partners"]}
    assert {partner for partner, word in how.items() if word == "unable"} == set(how) & {
        "spotler", "weborama", "permutive"
    }  # fmt: skip
    assert shown["not_reached"] == []


@pytest.mark.proof
def test_P43_nothing_outlives_its_date(settings: Settings) -> None:
    world = erasing_world.make(settings)
    home, cookie = settings.home, COOKIES[1]
    run(home, NEXT_NIGHT, "nightly")
    kept = {"lake", "warehouse.duckdb", "published", "outbox"}
    assert {name.split("/")[0] for name in found(home, [cookie])[cookie]} >= {
        "lake", "warehouse.duckdb",
    }  # fmt: skip
    ledger = lines_of(home)
    result = run_matchbook(
        home, "--now", IN_14_MONTHS, "nightly", MATCHBOOK_FAILPOINT="retention.rows_gone"
    )
    assert result.returncode == KILLED, result.stderr
    run(home, IN_14_MONTHS, "nightly")
    ids = {ANNA, BOB, *COOKIES.values(), world.key("email", "bob")}
    left = {name for names in found(home, ids).values() for name in names}
    assert {name for name in left if name.split("/")[0] in kept} == set()
    assert lines_of(home) == ledger
    assert run(home, IN_14_MONTHS, "nightly")["published"] is False


def lines_of(home: Path) -> list[tuple[Any, ...]]:
    with open_file(Settings(home=home).warehouse) as connection:
        return connection.execute("from raw.loads order by load_seq").fetchall()
