"""Gzip is read whole wherever a member ends, and refused wherever it is cut."""

from __future__ import annotations

import gzip
import io
import random
import zlib

import pytest

from matchbook import unpacking
from matchbook.errors import InputRejected
from matchbook.unpacking import gunzip

NOISE = random.Random(1).randbytes(unpacking._READ_BYTES)


def member_of(size: int) -> tuple[bytes, bytes]:
    """A gzip member of exactly this many bytes, and its content."""
    overhead = len(gzip.compress(NOISE[:1000], 0)) - 1000
    content = NOISE[: size - overhead]
    return gzip.compress(content, 0, mtime=0), content


@pytest.mark.parametrize("beyond", [-2, -1, 0, 1, 2])
def test_a_member_may_end_where_a_read_does(beyond: int) -> None:
    member, content = member_of(unpacking._READ_BYTES + beyond)
    assert len(member) == unpacking._READ_BYTES + beyond
    second = gzip.compress(b"more", mtime=0)
    assert b"".join(gunzip(io.BytesIO(member + second), 1000)) == content + b"more"
    for rest, reason in ((b"\x1f", "gzip_trailing"), (second[:-1], "gzip_truncated")):
        with pytest.raises(InputRejected) as refused:
            list(gunzip(io.BytesIO(member + rest), 1000))
        assert refused.value.reason == reason


def test_blocks_stay_small_however_hard_a_file_is_packed() -> None:
    packed = gzip.compress(bytes(5_000_000), mtime=0)
    blocks = list(gunzip(io.BytesIO(packed), 1000))
    assert max(map(len, blocks)) <= 1000
    assert zlib.crc32(b"".join(blocks)) == zlib.crc32(bytes(5_000_000))
