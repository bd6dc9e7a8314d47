"""Content is handed out only of files that arrived whole."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from matchbook.compressed import open_content
from matchbook.errors import InputRejected

TEXT = b"crm_record_id,segment\n" + b"".join(b"%d,gold\n" % i for i in range(20_000))


def content(tmp_path: Path, data: bytes, *, max_bytes: int = 1 << 30) -> bytes:
    path = tmp_path / "delivered"
    path.write_bytes(data)
    with open_content(path, max_bytes=max_bytes) as stream:
        return stream.read()


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0x10]) + data[position + 1 :]


WHOLE = gzip.compress(TEXT, mtime=0)
ZIP = zipped(("customers.csv", TEXT))


@pytest.mark.parametrize(
    "data",
    [TEXT, WHOLE, gzip.compress(TEXT[:7]) + gzip.compress(TEXT[7:]), ZIP],
    ids=["plain", "gzip", "two gzip members", "zip"],
)
def test_whole_files_are_read(tmp_path: Path, data: bytes) -> None:
    assert content(tmp_path, data) == TEXT


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("gzip_truncated", WHOLE[: len(WHOLE) // 10]),
        ("gzip_truncated", WHOLE[: len(WHOLE) // 2]),
        ("gzip_truncated", WHOLE[:-1]),
        ("gzip_crc", flipped(WHOLE, len(WHOLE) - 6)),
        ("gzip_crc", flipped(WHOLE, len(WHOLE) - 2)),
        ("gzip_trailing", WHOLE + b"\n"),
        ("gzip_trailing", WHOLE + b"crm_record_id\n1\n"),
        ("zip_crc", flipped(ZIP, ZIP.rindex(b"PK\x01\x02") + 16)),
        ("zip_corrupt", ZIP[: len(ZIP) // 2]),
        ("archive_not_allowed", zipped(("a.csv", TEXT), ("b.csv", TEXT))),
        ("archive_not_allowed", zipped()),
        ("archive_not_allowed", zipped(("../../etc/a.csv", TEXT))),
        ("archive_not_allowed", zipped(("folder/a.csv", TEXT))),
        ("archive_not_allowed", zipped(("a.zip", ZIP))),
        ("archive_not_allowed", zipped(("a.csv", ZIP))),
        ("archive_not_allowed", zipped(("a.csv", WHOLE))),
        ("archive_not_allowed", b"\x28\xb5\x2f\xfd" + TEXT),
        ("not_text", zipped(("[Content_Types].xml", b"<Types/>"), ("xl/a.xml", b"<a/>"))),
        ("archive_bomb", gzip.compress(b"0" * 30_000_000)),
        ("archive_bomb", zipped(("a.csv", b"0" * 30_000_000))),
    ],
)
def test_damaged_and_hostile_files_are_refused(tmp_path: Path, reason: str, data: bytes) -> None:
    with pytest.raises(InputRejected) as refused:
        content(tmp_path, data)
    assert refused.value.reason == reason
    assert refused.value.kept
    assert refused.value.todo


def test_a_flipped_bit_anywhere_is_found(tmp_path: Path) -> None:
    for position in range(12, len(WHOLE), len(WHOLE) // 40):
        with pytest.raises(InputRejected, match="gzip"):
            content(tmp_path, flipped(WHOLE, position))


def test_overlapping_zip_entries_are_refused(tmp_path: Path) -> None:
    start = ZIP.rindex(b"PK\x01\x02")
    end = ZIP.rindex(b"PK\x05\x06")
    directory = bytearray(ZIP[start:end] * 2)
    tail = bytearray(ZIP[end:])
    tail[8:12] = (2).to_bytes(2, "little") * 2
    tail[12:16] = len(directory).to_bytes(4, "little")
    with pytest.raises(InputRejected, match="exactly one file"):
        content(tmp_path, ZIP[:start] + bytes(directory) + bytes(tail))


def test_content_is_capped(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as refused:
        content(tmp_path, TEXT, max_bytes=1000)
    assert refused.value.reason == "too_large"
