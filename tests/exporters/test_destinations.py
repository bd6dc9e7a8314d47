"""What every destination owes: a file is there whole under its name, or not at all."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from exporters.destinations import Destination, LocalFolder


@pytest.fixture
def destination(tmp_path: Path) -> Destination:
    return LocalFolder(tmp_path / "partner")


def fill(content: bytes):
    return lambda part: part.write_bytes(content)


def test_what_was_written_can_be_read_back(destination: Destination) -> None:
    destination.write("a.csv", fill(b"one\n"))
    assert destination.read("a.csv") == b"one\n"
    assert destination.sha256("a.csv") == sha256(b"one\n").hexdigest()


def test_writing_a_name_again_replaces_it(destination: Destination) -> None:
    destination.write("a.csv", fill(b"one\n"))
    destination.write("a.csv", fill(b"two\n"))
    assert destination.read("a.csv") == b"two\n"


def test_a_failed_write_leaves_what_stood_there(destination: Destination, tmp_path: Path) -> None:
    destination.write("a.csv", fill(b"one\n"))

    def fails(part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        destination.write("a.csv", fails)
    assert destination.read("a.csv") == b"one\n"
    assert [path.name for path in (tmp_path / "partner").iterdir()] == ["a.csv"]


def test_what_is_not_there(destination: Destination) -> None:
    assert destination.read("a.csv") is None
    assert destination.sha256("a.csv") is None
    destination.remove("a.csv")


def test_a_removed_file_is_gone_with_its_leftovers(
    destination: Destination, tmp_path: Path
) -> None:
    destination.write("a.csv", fill(b"one\n"))
    (tmp_path / "partner" / "a.csv.part").write_bytes(b"half")
    destination.remove("a.csv")
    assert list((tmp_path / "partner").iterdir()) == []
