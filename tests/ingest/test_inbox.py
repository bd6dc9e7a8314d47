"""The inbox: whole files land in order and leave; unfinished ones wait; refused ones step aside."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingest.inbox import land_inbox, waiting
from ingest.landing import LoadResult, recover
from matchbook.crm_files.handover import Handover, marker_path
from matchbook.keys import load_keys
from matchbook.registry import CrmList
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.pixel_lines import REGISTRY, combined, cookie, sync

LISTED = REGISTRY.model_copy(
    update={"lists": (CrmList(list_id="news", client_id="acme", name="News"),)}
)


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(settings) as connection:
        yield connection


def put(settings: Settings, name: str, content: bytes, *, done: bool = True) -> Path:
    path = settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if done:
        path.with_name(path.name + ".done").touch()
    return path


def log(settings: Settings, number: int = 1) -> bytes:
    return f"{combined(sync(), cookie=cookie(load_keys(settings.keys), number))}\n".encode()


def land(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[LoadResult]:
    recover(connection, settings)
    return land_inbox(
        connection,
        settings,
        registry=LISTED,
        keys=load_keys(settings.keys),
        progress=lambda _: None,
    )


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_logs_land_by_name_and_are_kept_a_week(connection, settings: Settings) -> None:
    put(settings, "pixels/b.log", log(settings, 2))
    put(settings, "pixels/a/c.log.gz", gzip.compress(log(settings)))
    results = land(connection, settings)
    assert [result.file_name for result in results] == ["pixels/a/c.log.gz", "pixels/b.log"]
    assert left(settings.inbox) == []
    originals = settings.home / "originals"
    kept = ["20261121/000000000001-c.log.gz", "20261121/000000000002-b.log"]
    assert left(originals) == kept
    land(connection, replace(settings, now=settings.now + timedelta(days=7)))
    assert left(originals) == kept
    land(connection, replace(settings, now=settings.now + timedelta(days=8)))
    assert left(originals) == []


def test_the_folder_names_the_collectors_host(connection, settings: Settings) -> None:
    line = combined(sync(site=None) + "&gdpr=0", cookie=cookie(load_keys(settings.keys)))
    put(settings, "pixels/host=PX.acme.example/a.log", f"{line}\n".encode())
    (result,) = land(connection, settings)
    assert result.accepted == 1


def test_crm_files_land_after_logs_by_time_and_go(connection, settings: Settings) -> None:
    rows = f"crm_record_id,email_sha256\nr1,{'ab' * 32}\n".encode()
    put(settings, "onboard/audience=news/opt-in/20261121_020000.csv", rows)
    put(settings, "onboard/audience=news/opt-out/20261120_010000.csv", b"crm_record_id\nr1\n")
    put(settings, "pixels/z.log", log(settings))
    names = [result.file_name.rsplit("/")[-1] for result in land(connection, settings)]
    assert names == ["z.log", "20261120_010000.csv", "20261121_020000.csv"]
    assert left(settings.inbox) == []


def test_the_marker_says_who_uploaded_and_confirms_a_shrink(connection, settings: Settings) -> None:
    rows = "".join(f"r{n},{n:064x}\n" for n in range(10))
    header = "crm_record_id,email_sha256\n"
    put(settings, "onboard/audience=news/opt-in/20261121_010000.csv", (header + rows).encode())
    assert len(land(connection, settings)) == 1
    smaller = (header + f"r0,{0:064x}\n").encode()
    name = "onboard/audience=news/replace/20261121_020000.csv"
    put(settings, name, smaller)
    assert land(connection, settings) == []
    path = put(settings, name, smaller)
    said = Handover(uploaded_by="Eva", confirm_shrink=True)
    marker_path(path).write_text(said.as_marker())
    assert [load.accepted for load in land(connection, settings)] == [1]
    assert left(settings.inbox) == []
    who = connection.execute("select uploaded_by from raw.loads order by load_seq").fetchall()
    assert who == [(None,), ("Eva",)]


def test_FL14_a_growing_file_waits(connection, settings: Settings) -> None:
    path = put(settings, "pixels/a.log", log(settings), done=False)
    put(settings, "pixels/b.log.part", b"half", done=False)
    put(settings, "pixels/c.log.tmp", b"half", done=False)
    assert [(file.name, file.state) for file in waiting(settings)] == [
        ("pixels/a.log", "settling"),
    ]  # fmt: skip
    assert land(connection, settings) == []
    then = time.time() - 31
    os.utime(path, (then, then))
    assert len(land(connection, settings)) == 1


def test_FL15_FL16_manifests(connection, settings: Settings) -> None:
    put(settings, "pixels/a.log", log(settings), done=False)
    put(settings, "pixels/a.log.manifest.json", b'{"lines": 2}', done=False)
    lonely = put(settings, "pixels/b.log.manifest.json", b'{"lines": 1}', done=False)
    put(settings, "pixels/c.log", log(settings))
    assert len(land(connection, settings)) == 1
    (file,) = waiting(settings)
    assert (file.state, file.is_late) == ("data_missing", False)
    then = time.time() - 2 * 3600 - 60
    os.utime(lonely, (then, then))
    assert waiting(settings)[0].is_late
    put(settings, "pixels/b.log", log(settings, 2), done=False)
    assert land(connection, settings)[0].accepted == 1


def test_refused_files_step_aside_with_their_reason(connection, settings: Settings) -> None:
    put(settings, "pixels/a.log.gz", gzip.compress(log(settings))[:-4])
    put(settings, "pixels/b.log", log(settings))
    put(settings, "onboard/audience=nope/opt-in/20261121_020000.csv", b"crm_record_id\nr1\n")
    assert len(land(connection, settings)) == 1
    assert left(settings.inbox) == []
    reasons = [json.loads(path.read_text()) for path in sorted(settings.refused.glob("*.json"))]
    assert {reason["reason"] for reason in reasons} == {"gzip_truncated", "unknown_list"}
    assert all(reason["happened"] and reason["kept"] and reason["todo"] for reason in reasons)
    assert len(left(settings.refused)) == 4
    put(settings, "pixels/a.log.gz", gzip.compress(log(settings, 2)))
    assert land(connection, settings)[0].accepted == 1


def test_a_file_with_raw_personal_data_is_not_kept_anywhere(connection, settings: Settings) -> None:
    put(
        settings,
        "onboard/audience=news/opt-in/20261121_020000.csv",
        b"crm_record_id,email\nr1,jo.doe@mail.example\n",
    )
    assert land(connection, settings) == []
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert not any(b"jo.doe" in path.read_bytes() for path in files)


def test_a_link_is_not_followed(connection, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret\n")
    put(settings, "pixels/a.log", log(settings))
    (settings.inbox / "pixels/link.log").symlink_to(tmp_path / "secret")
    assert len(land(connection, settings)) == 1


@pytest.mark.parametrize("name", ["x" * 250 + ".log", "a\nb.log", "$(id);*.log"], ids=ascii)
def test_FL24_FL25_odd_names_land_and_leave(connection, settings: Settings, name: str) -> None:
    path = put(settings, f"pixels/{name}", log(settings), done=False)
    then = time.time() - 31
    os.utime(path, (then, then))
    assert len(land(connection, settings)) == 1
    assert left(settings.inbox) == []


KILLED = """
import sys
from pathlib import Path
from tests.ingest.test_inbox import land
from matchbook.clock import parse_moment
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
settings = Settings(home=Path(sys.argv[1]), now=parse_moment("2026-11-21T03:10:00Z"))
with open_warehouse(settings) as connection:
    land(connection, settings)
"""


@pytest.mark.parametrize("place", ["landing.after_commit", "landing.original_removed"])
def test_P14_a_killed_night_lands_each_file_once(settings: Settings, place: str) -> None:
    put(settings, "pixels/a.log", log(settings))
    put(settings, "pixels/b.log", log(settings, 2))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.home)],
        env={"PATH": "/usr/bin:/bin", "MATCHBOOK_FAILPOINT": place},
        check=False,
    )
    assert done.returncode == -9
    with open_warehouse(settings) as connection:
        assert len(land(connection, settings)) == 1
        counts = "select count(*), sum(accepted), sum(duplicate) from raw.loads"
        assert connection.execute(counts).fetchall() == [(2, 2, 0)]
    assert left(settings.inbox) == []
