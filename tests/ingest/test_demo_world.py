"""The demo world: same seed and end, same bytes; whole files; each partner's own cookie form."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import zstandard

from ingest.demo import World, WorldOptions, make_world
from ingest.demo.agents import agents
from ingest.demo.cast import make_cast
from ingest.demo.companies import COMPANIES, RETAILER, Company
from ingest.demo.crm_files import HEADER
from ingest.demo.noise import GARBAGE
from ingest.demo.streams import STREAMS
from ingest.demo.syncs import partner_cookie_ids
from matchbook import registry
from matchbook.crm_files.handover import DONE
from matchbook.errors import ConfigError
from matchbook.keys import Keys, load_keys
from matchbook.partners import load_partners
from matchbook.settings import Settings

SMALL = WorldOptions(end=date(2026, 11, 20), visitors=400, days=20, nights=3, seed=7)

NO_KEYS = Keys(identifiers=(), cookie=(), links=())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world, written whole."""
    home = tmp_path_factory.mktemp("world")
    write_whole_world(home, SMALL)
    return home


def write_whole_world(home: Path, options: WorldOptions) -> World:
    world = make_world(Settings(home=home), options)
    world.backlog()
    for number in range(options.nights):
        world.night(number)
    return world


def digests(home: Path) -> dict[str, str]:
    """SHA-256 of every file of a world but the state database."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.startswith("state.sqlite")
    }


def log_files(home: Path) -> list[Path]:
    found = (home / "inbox" / "pixels").rglob("host=*/*")
    return sorted(path for path in found if not path.name.endswith(".manifest.json"))


def content(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(data).read()
    return data


def test_the_same_seed_and_end_make_the_same_bytes(home: Path, tmp_path: Path) -> None:
    write_whole_world(tmp_path, SMALL)
    assert digests(tmp_path) == digests(home)


def test_another_seed_makes_another_world(home: Path, tmp_path: Path) -> None:
    write_whole_world(tmp_path, replace(SMALL, seed=8))
    same = digests(tmp_path).items() & digests(home).items()
    alike = [name for name, _ in same if name.startswith(("inbox", "keys"))]
    assert not [name for name in alike if not name.endswith(DONE)], "only who sent it is the same"


def test_a_night_written_by_another_process_is_the_same(home: Path, tmp_path: Path) -> None:
    make_world(Settings(home=tmp_path), SMALL).night(1)
    again = {k: v for k, v in digests(tmp_path).items() if k.startswith("inbox")}
    assert again
    assert again.items() <= digests(home).items()


def test_a_night_written_twice_is_the_same(home: Path, tmp_path: Path) -> None:
    world = make_world(Settings(home=tmp_path), SMALL)
    for number in (0, 0, 1, 0, 1):
        world.night(number)
    again = {k: v for k, v in digests(tmp_path).items() if k.startswith("inbox")}
    assert again.items() <= digests(home).items()


def test_the_backlog_in_weeks_is_the_backlog(home: Path, tmp_path: Path) -> None:
    world = make_world(Settings(home=tmp_path), SMALL)
    moments = list(world.backlog_parts())
    assert moments == sorted(moments)
    assert moments[-1] == world.backlog_clock()
    assert digests(tmp_path).items() <= digests(home).items()


def test_every_file_is_what_its_manifest_says(home: Path) -> None:
    crm = [p for p in (home / "inbox" / "onboard").rglob("*.csv*")
           if not p.name.endswith((".manifest.json", DONE))]  # fmt: skip
    for path in [*log_files(home), *crm]:
        manifest = json.loads(path.with_name(path.name + ".manifest.json").read_text())
        assert manifest == {
            "lines": content(path).count(b"\n"),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }


def test_every_log_has_garbage(home: Path) -> None:
    for path in log_files(home):
        lines = content(path).decode().split("\n")
        assert set(lines) & set(GARBAGE), path


def test_logs_come_in_every_form_and_compression(home: Path) -> None:
    assert {stream.form for stream in STREAMS} == {"combined", "json", "segment"}
    assert {path.suffix for path in log_files(home)} == {".gz", ".zst", ".log"}


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.client_id)
def test_cookie_ids_have_each_partners_own_form(company: Company) -> None:
    patterns = {partner.partner_id: partner.cookie_pattern for partner in load_partners()}
    cast = make_cast(SMALL, NO_KEYS)
    for tag in company.tags:
        ids = partner_cookie_ids(cast, company, tag.partner_id, np.arange(200), 5)
        bare = [text for text in ids if not re.fullmatch(patterns[tag.partner_id], text)]
        assert all(tag.partner_id == "mediarithmics" and text.isdigit() for text in bare)
        assert len(set(ids)) == 200


def test_the_registry_has_three_companies_and_the_retailer_first(home: Path) -> None:
    found = registry.current(Settings(home=home))
    assert found.clients[0].client_id == RETAILER.client_id
    assert [len(client.partners) for client in found.clients] == [9, 4, 3]
    assert len(found.sites) >= 12
    assert len(found.publishers) == 1
    assert {site.consent_declaration is None for site in found.sites} == {True, False}


def test_keys_are_made_once_and_private(home: Path, tmp_path: Path) -> None:
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in (home / "keys").iterdir())
    own = load_keys(tmp_path / "keys")
    make_world(Settings(home=tmp_path), SMALL)
    assert load_keys(tmp_path / "keys") == own


def test_crm_files_hold_hashes_and_attributes_but_no_personal_data(home: Path) -> None:
    paths = [p for p in (home / "inbox").rglob("opt-in/*.csv")]
    assert paths
    for path in paths:
        with path.open(newline="") as handle:
            rows = list(csv.reader(handle))
        assert tuple(rows[0]) == HEADER
        assert "@" not in path.read_text()


def test_there_are_several_hundred_user_agents() -> None:
    assert len({agent.text for agent in agents()}) > 300


def test_the_default_world_is_large_enough() -> None:
    cast = make_cast(WorldOptions(end=date(2026, 11, 20)), NO_KEYS)
    records = cast.people.records[RETAILER.client_id]
    assert int((records.left_day > 119).sum()) >= 10_000


def test_the_smallest_world_can_be_written(tmp_path: Path) -> None:
    options = WorldOptions(end=date(2026, 11, 20), visitors=100, days=2)
    assert options.nights == 1
    write_whole_world(tmp_path, options)
    assert len(log_files(tmp_path)) == 2 * len(STREAMS)


def test_impossible_options_are_refused() -> None:
    with pytest.raises(ConfigError):
        replace(SMALL, nights=20)
    with pytest.raises(ConfigError):
        replace(SMALL, visitors=10)


@pytest.mark.bench
def test_speed_of_the_default_world(tmp_path: Path) -> None:
    started = time.process_time()
    world = make_world(Settings(home=tmp_path), WorldOptions(end=date(2026, 11, 20)))
    world.backlog()
    backlog = time.process_time() - started
    started = time.process_time()
    world.night(0)
    print(f"demo backlog {backlog:.1f} s (limit 15), night {time.process_time() - started:.2f} s")


def test_storage_locations_are_there_and_paused(home: Path) -> None:
    """Their servers are invented; nothing may call them."""
    clients = registry.current(Settings(home=home)).clients
    assert [[location.paused for location in client.storage] for client in clients] == [[True]] * 3
