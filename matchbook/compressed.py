"""Reading a CRM file's content: plain, gzip or a zip with one member, told by its bytes.

It is verified while it streams: a damaged, truncated, padded or absurdly compressed file
raises InputRejected before its last byte is handed out.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from matchbook.errors import InputRejected
from matchbook.unpacking import (
    ALL_MAGICS,
    GZIP_MAGIC,
    OTHER_MAGICS,
    ZIP_MAGICS,
    ZSTD_MAGIC,
    capped,
    gunzip,
)

BLOCK_BYTES = 1 << 20
"""How much is read and handed on at once."""


@contextmanager
def open_content(path: Path, *, max_bytes: int) -> Iterator[IO[bytes]]:
    """The content of `path` as a binary stream that must be read to its end to be verified."""
    with path.open("rb") as delivered:
        size = path.stat().st_size
        blocks = capped(_blocks(delivered, path), delivered_bytes=size, max_bytes=max_bytes)
        with stream_of(blocks) as stream:
            yield stream


def stream_of(blocks: Iterator[bytes]) -> IO[bytes]:
    """Blocks as one binary stream; empty ones are passed over."""
    return io.BufferedReader(_Stream(blocks), BLOCK_BYTES)


def damaged(reason: str, happened: str) -> InputRejected:
    """The error of a file that did not arrive whole or is of a kind we do not take."""
    return InputRejected(
        reason,
        happened,
        kept="No row of it was loaded.",
        todo="Send the whole file again as CSV in UTF-8, plain, .gz or .zip with one member.",
    )


def _blocks(delivered: IO[bytes], path: Path) -> Iterator[bytes]:
    magic = delivered.read(8)
    delivered.seek(0)
    if magic.startswith(GZIP_MAGIC):
        return gunzip(delivered, BLOCK_BYTES)
    if magic.startswith(ZIP_MAGICS):
        return _unzip(path)
    if magic.startswith((ZSTD_MAGIC, *OTHER_MAGICS)):
        raise damaged("archive_not_allowed", "The file is an archive of a kind that is not taken.")
    return iter(lambda: delivered.read(BLOCK_BYTES), b"")


def _unzip(path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive)) as content:
            first = content.read(BLOCK_BYTES)
            if first.startswith(ALL_MAGICS):
                raise damaged("archive_not_allowed", "The zip file holds another archive.")
            yield first
            yield from iter(lambda: content.read(BLOCK_BYTES), b"")
    except NotImplementedError:
        raise damaged("archive_not_allowed", "The zip file uses a rare compression.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError) as error:
        if "CRC" in str(error):
            raise damaged("zip_crc", "The zip file fails its own checksum.") from None
        raise damaged("zip_corrupt", "The zip file is damaged.") from None


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = archive.infolist()
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise damaged("not_text", "The file is an Office document, not CSV.")
    if len(members) != 1:
        raise damaged("archive_not_allowed", "The zip file does not hold exactly one file.")
    member = members[0]
    if member.filename != Path(member.filename).name or "\\" in member.filename:
        raise damaged("archive_not_allowed", "The zip file's member has a folder in its name.")
    if not member.filename.lower().endswith((".csv", ".txt", ".tsv")):
        raise damaged("archive_not_allowed", "The zip file's member is not a CSV file.")
    if member.flag_bits & 0x1 or member.header_offset != 0:
        raise damaged("archive_not_allowed", "The zip file is encrypted or holds hidden bytes.")
    return member


class _Stream(io.RawIOBase):
    """Blocks as a raw stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken
