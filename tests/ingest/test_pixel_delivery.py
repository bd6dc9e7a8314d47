"""A log is verified while it is read, or before: either way nothing unsound is landed."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.content import content_blocks
from ingest.landing import recover
from ingest.pixel_logs.delivery import Delivery
from ingest.verify import Verifying, verify
from matchbook.errors import InputRejected
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.pixel_desk import Desk
from tests.pixel_lines import sync

CONTENT = b"".join(b"line %d\n" % number for number in range(5_000))


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "f.log"
    found.write_bytes(CONTENT)
    return found


def landed_nothing(desk: Desk) -> bool:
    recover(desk.connection, desk.settings)
    in_lake = list(desk.settings.lake.glob("*/*.parquet*"))
    tables = ("loads", "hits", "quarantine", "line_outcomes")
    return not in_lake and not any(desk.rows(f"from raw.{table}") for table in tables)


def test_verified_while_read_is_as_verified_first(desk: Desk, path: Path) -> None:
    delivery = Delivery(desk.connection, path)
    assert b"".join(delivery.blocks()) == CONTENT
    assert delivery.verified() == verify(path)
    assert (delivery.content_bytes, delivery.landed_bytes) == (len(CONTENT), 0)


@pytest.mark.parametrize("content", [b"", gzip.compress(CONTENT)], ids=["empty", "packed"])
def test_some_are_known_before_they_are_read(desk: Desk, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    delivery = Delivery(desk.connection, path)
    assert delivery.verified() == verify(path)
    assert b"".join(delivery.blocks()) == b"".join(content_blocks(path))


@pytest.mark.parametrize("first", [b"line 0\n", CONTENT[:20_000]], ids=["short", "long"])
def test_a_grown_file_is_known_before_it_is_read(desk: Desk, path: Path, first: bytes) -> None:
    desk.land_bytes(first, name="first.log")
    delivery = Delivery(desk.connection, path)
    assert delivery.landed_bytes == len(first)
    assert delivery.landed_as is None
    desk.land_bytes(CONTENT, name="second.log")
    assert Delivery(desk.connection, path).landed_as == 2


def test_a_short_landed_file_does_not_matter_to_others(desk: Desk, path: Path) -> None:
    desk.land_bytes(b"other\n", name="first.log")
    assert Delivery(desk.connection, path).landed_bytes == 0
    assert desk.land_bytes(CONTENT, name="second.log").duplicate == 0


def test_a_manifest_that_does_not_fit_lands_nothing(desk: Desk, path: Path) -> None:
    manifest = path.with_name("a.log.manifest.json")
    (desk.settings.home / manifest.name).write_text('{"lines": 7}')
    with pytest.raises(InputRejected, match="manifest"):
        desk.land(desk.ours(sync()), name="a.log")
    assert landed_nothing(desk)


def test_a_file_that_changes_while_it_is_read_lands_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def growing(path: Path, *size: int) -> Iterator[bytes]:
        yield from content_blocks(path, *size)
        with path.open("ab") as file:
            file.write(b"more\n")
            os.utime(file.fileno(), (1, 1))

    with monkeypatch.context() as patch:
        patch.setattr("ingest.verify.content_blocks", growing)
        with pytest.raises(InputRejected, match="changed"):
            desk.land(desk.ours(sync()))
    assert landed_nothing(desk)


def test_what_a_killed_load_leaves_without_a_name_is_dropped(desk: Desk) -> None:
    left = desk.settings.lake / "hits" / "000000000001-unnamed.parquet.part"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"torn")
    assert landed_nothing(desk)


def test_many_blocks_are_added_in_their_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = verify(path)
    monkeypatch.setattr("ingest.verify.content_blocks", lambda path: content_blocks(path, 100))
    verifying = Verifying(path, landed={20_000: "other"})
    assert b"".join(verifying.blocks()) == CONTENT
    assert verifying.finish() == wanted
