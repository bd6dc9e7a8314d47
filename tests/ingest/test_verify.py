"""Damaged files are refused whole; sound ones never (P9, FL01–FL05, FL07, FL08, FL15)."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.content import content_blocks
from ingest.verify import verify
from matchbook.errors import InputRejected

CONTENT = b"".join(f"line {number} {number * 7919}\n".encode() for number in range(5_000))
PACKED = gzip.compress(CONTENT, mtime=0)
ZSTD = zstandard.ZstdCompressor(write_checksum=True).compress(CONTENT)


def reason_for(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(InputRejected) as refused:
        verify(path)
    assert refused.value.kept
    assert refused.value.todo
    return refused.value.reason


@pytest.mark.parametrize("share", [0.999, 0.5, 0.1], ids=["FL01-99.9", "FL01-50", "FL01-10"])
def test_cut_gzip_is_refused(tmp_path: Path, share: float) -> None:
    assert reason_for(tmp_path / "f", PACKED[: int(len(PACKED) * share)]) == "gzip_truncated"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "gzip_crc", id="FL02"),
        pytest.param(PACKED + b"more", "gzip_trailing", id="FL04"),
        pytest.param(PACKED + b"\x1f", "gzip_trailing", id="FL04-one-byte"),
        pytest.param(ZSTD[:-9], "zstd_truncated", id="zstd-cut"),
        pytest.param(ZSTD + b"more", "zstd_trailing", id="zstd-trailing"),
    ],
)
def test_damage_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason_for(tmp_path / "f", content) == reason


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(min_value=2, max_value=len(PACKED) - 1))
def test_P9_every_cut_is_refused(tmp_path: Path, cut: int) -> None:
    assert reason_for(tmp_path / "f", PACKED[:cut]) == "gzip_truncated"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bit=st.integers(min_value=80, max_value=len(PACKED) * 8 - 1))
def test_P9_FL03_every_flipped_bit_is_refused(tmp_path: Path, bit: int) -> None:
    damaged = bytearray(PACKED)
    damaged[bit // 8] ^= 1 << bit % 8
    assert reason_for(tmp_path / "f", bytes(damaged)).startswith("gzip_")


@pytest.mark.proof
def test_P9_a_thousand_cuts_and_flips(tmp_path: Path) -> None:
    for number in range(1_000):
        damaged = bytearray(PACKED)
        damaged[10 + number * 7 % (len(PACKED) - 10)] ^= 1 << number % 8
        assert reason_for(tmp_path / "f", bytes(damaged)).startswith("gzip_")
        cut = 2 + number * 11 % (len(PACKED) - 3)
        assert reason_for(tmp_path / "f", PACKED[:cut]) == "gzip_truncated"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CONTENT + CONTENT, id="plain"),
        pytest.param(PACKED + PACKED, id="FL05"),
        pytest.param(ZSTD + ZSTD, id="zstd-frames"),
    ],
)
def test_sound_files_are_read_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    found = verify(path)
    assert b"".join(content_blocks(path)) == CONTENT + CONTENT
    assert found.content_sha256 == hashlib.sha256(CONTENT + CONTENT).hexdigest()
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.content_head == hashlib.sha256(CONTENT[:4096]).hexdigest()
    assert (found.lines, found.ends_with_newline) == (10_000, True)


def archive(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as packed:
            packed.writestr("a.log", b"x")
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz" if kind == "tar.gz" else "w") as packed:
            entry = tarfile.TarInfo("../../etc/cron.d/x")
            entry.size = 1
            packed.addfile(entry, io.BytesIO(b"x"))
            link = tarfile.TarInfo("link")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            packed.addfile(link)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(archive("zip"), id="FL07-zip"),
        pytest.param(gzip.compress(archive("zip")), id="FL07-zip-in-gzip"),
        pytest.param(gzip.compress(PACKED), id="FL07-gzip-in-gzip"),
        pytest.param(bz2.compress(CONTENT), id="bz2"),
        pytest.param(archive("tar.gz"), id="FL08"),
        pytest.param(archive("tar"), id="FL08-plain-tar"),
    ],
)
def test_archives_are_not_unpacked(tmp_path: Path, content: bytes) -> None:
    before = set(tmp_path.parent.iterdir())
    assert reason_for(tmp_path / "f", content) == "archive_not_allowed"
    assert set(tmp_path.parent.iterdir()) == before


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_bomb_is_stopped(tmp_path: Path, pack) -> None:
    assert reason_for(tmp_path / "f", pack(b"\0" * 20_000_000)) == "archive_bomb"


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        pytest.param(b'{"lines": 5001}', "manifest_mismatch", id="FL15-lines"),
        pytest.param(b'{"sha256": "00"}', "manifest_mismatch", id="FL15-sha256"),
        pytest.param(b'{"bytes": 1}', "manifest_mismatch", id="FL15-bytes"),
        pytest.param(b"[1]", "manifest_unreadable", id="no-object"),
        pytest.param(b"\xff{", "manifest_unreadable", id="no-json"),
    ],
)
def test_FL15_manifests_are_believed(tmp_path: Path, manifest: bytes, reason: str) -> None:
    (tmp_path / "f.manifest.json").write_bytes(manifest)
    assert reason_for(tmp_path / "f", PACKED) == reason


def test_a_true_manifest_passes(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(PACKED)
    truth = {"lines": 5000, "bytes": len(PACKED), "sha256": hashlib.sha256(PACKED).hexdigest()}
    (tmp_path / "f.manifest.json").write_text(json.dumps(truth))
    assert verify(path).lines == 5000


def test_the_longest_landed_beginning_is_found(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(PACKED)
    landed = {n: hashlib.sha256(CONTENT[:n]).hexdigest() for n in (10, 4096, 50_000)}
    landed |= {60_000: "not the same", len(CONTENT) + 1: "longer"}
    assert verify(path, landed=landed).landed_bytes == 50_000
