"""A rotated identifier key: what is stored is wrapped in it, and whoever was gone stays gone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ingest.erasing.tracing import trace
from ingest.pixel_logs import land_pixel_log
from ingest.rekeying import rekey
from matchbook import runs, suppressions
from matchbook.cli import rotation
from matchbook.erasure import requests
from matchbook.erasure.people import Person, person
from matchbook.failpoints import ROTATION_FAILPOINTS
from matchbook.identifiers import key_versions
from matchbook.keys import add_version, load_keys
from matchbook.settings import REPOSITORY, Settings
from matchbook.warehouse import open_warehouse
from tests import erasing_world
from tests.erasing_world import REGISTRY, UPLOAD, World, sha256, visitor
from tests.mailing import desk
from tests.pixel_lines import combined, cookie

KEYED = ("hits", "record_identifiers")


@pytest.fixture
def world(settings: Settings) -> World:
    return erasing_world.make(settings)


def rotated(settings: Settings) -> World:
    with runs.recorded(settings, "rotate") as run:
        assert rotation.rotate_identifiers(settings, run, say=str, by="a test") == 2
    return World(settings)


def versions_of(settings: Settings) -> set[object]:
    with erasing_world.lake(settings) as tables:
        rows = [row for name in KEYED for row in tables[name]]
    return {row["key_version"] for row in rows if row["identifier_key"]}


def test_every_key_is_wrapped_and_nothing_else_changes(world: World) -> None:
    with erasing_world.lake(world.settings) as before:
        pass
    after_world = rotated(world.settings)
    keys = after_world.keys
    with erasing_world.lake(world.settings) as after:
        pass
    assert before.keys() == after.keys()
    for row in (row for name in KEYED for row in before[name]):
        if row["identifier_key"]:
            kind, key = str(row["identifier_type"]), str(row["identifier_key"])
            (row["identifier_key"],) = key_versions(keys, kind, key, above=1)
            row["key_version"] = 2
    assert after == before
    assert rekey(world.settings, keys) == 0
    found = trace(world.settings, REGISTRY, keys, [
        Person(1, "acme", tuple(person(keys, hashes=[("email", sha256("anna"))])))
    ])[1]  # fmt: skip
    assert ("visitor", visitor(1)) in found


def test_a_collector_with_the_old_key_is_understood(world: World) -> None:
    after = rotated(world.settings)
    assert after.log(world.sign_in(7, "bob")).accepted == 1
    assert after.upload(UPLOAD).accepted == 3
    assert versions_of(world.settings) == {2}
    with open_warehouse(world.settings) as connection:
        same = connection.execute(
            "select distinct crm_record_id from raw.hits inner join raw.record_identifiers "
            "using (identifier_type, identifier_key) where visitor_id = ?", [visitor(7)],
        ).fetchall()  # fmt: skip
    assert same == [("BO-0815",)]


def test_who_was_erased_before_stays_out_by_every_way(world: World, settings: Settings) -> None:
    anna = person(world.keys, hashes=[("email", sha256("anna"))])
    (number,) = requests.ask(settings, "erasure", "acme", [anna], by="a test")
    requests.finish(settings, requests.get(settings, number))
    after = rotated(settings)
    again = after.upload(f"crm_record_id,email_sha256\nNEW-1,{sha256('anna')}\n")
    assert (again.accepted, again.untracked) == (0, 1)
    assert after.log(world.sign_in(8, "anna")).untracked == 1
    log = settings.home / "access.log"
    url = f"/bakery/identify?site=shop&email={sha256('anna')}"
    log.write_text(combined(url, cookie=cookie(after.keys)) + "\n")
    with open_warehouse(settings) as connection:
        web = land_pixel_log(connection, settings, log, registry=REGISTRY, keys=after.keys)
    assert (web.lines, web.untracked) == (1, 1)


def test_a_collector_recognises_who_was_erased_before(world: World, settings: Settings) -> None:
    anna = person(world.keys, hashes=[("email", sha256("anna"))])
    (number,) = requests.ask(settings, "erasure", "acme", [anna], by="a test")
    requests.finish(settings, requests.get(settings, number))
    add_version(settings.keys, "identifiers")
    with desk(settings, REGISTRY) as office:
        for name, reason in (("anna", "opted_out"), ("bob", None)):
            office.get(f"/bakery/identify?site=shop&email={sha256(name)}", host="px.acme.example")
            line = office.lines()[-1]
            assert line["reason"] == reason
            assert bool(line["identifiers"]) is (reason is None)
        # A publisher serves others who have not erased her.
        office.get(f"/bakery/bake?publisher=daily&email={sha256('anna')}", host="px.acme.example")
        assert office.lines()[-1]["identifiers"]


def test_who_opted_out_before_stays_out(world: World, settings: Settings) -> None:
    someone = person(world.keys, hashes=[("phone", sha256("someone"))])
    requests.ask(settings, "opt_out", "acme", [someone], by="a test")
    suppressions.add(settings, subject_type="identifier", subject_id=world.key("email", "zoe"))
    keys = rotated(settings).keys
    held = {subject for _, subject in suppressions.of_client(settings, "acme")}
    assert {key_versions(keys, "phone", sha256("someone"))[-1],
            key_versions(keys, "email", sha256("zoe"))[-1]} <= held  # fmt: skip


def test_a_collector_follows_its_keys(world: World) -> None:
    with desk(world.settings, REGISTRY) as office:
        watch = office.collector.key_watch
        add_version(world.settings.keys, "cookie")
        watch.look()
        assert len(watch.keys.cookie) == 2
        (world.settings.keys / "cookie.key").unlink()
        watch.look()
        assert len(watch.keys.cookie) == 2
        assert not (world.settings.keys / "cookie.key").exists()


def test_killed_anywhere_it_is_completed(world: World, settings: Settings) -> None:
    arguments = ["--home", str(settings.home), "keys", "rotate", "identifiers", "--by", "a test"]
    for version, place in enumerate(ROTATION_FAILPOINTS, start=2):
        killed = subprocess.run(
            [sys.executable, "-m", "matchbook", *arguments], cwd=REPOSITORY, capture_output=True,
            env={**os.environ, "MATCHBOOK_FAILPOINT": place},
        )  # fmt: skip
        assert killed.returncode == -9, killed.stderr
        assert rotation.is_unfinished(settings)
        with runs.recorded(settings, "rotate") as run:
            rotation.resume(settings, run)
        assert not rotation.is_unfinished(settings)
        assert versions_of(settings) == {version}
    assert len(load_keys(settings.keys).identifiers) == 1 + len(ROTATION_FAILPOINTS)
