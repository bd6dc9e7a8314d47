"""Reading a delivered file's content: plain, gzip or a zip with one member, told by its bytes.

Decompression is verified while it streams: a damaged, truncated, padded or absurdly
compressed file raises InputRejected before its last byte is handed out. Nothing is unpacked
to disk and memory stays bounded.
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

BLOCK_BYTES = 1 << 20
"""How much is read and handed on at once."""

MAX_RATIO = 200
"""Content bytes per delivered byte; tables of hashes compress by 2 to 10."""

RATIO_FLOOR_BYTES = 1 << 20
"""Content below this is never refused for its ratio: tiny files compress absurdly well."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHER_ARCHIVES = (
    b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x9d",
)  # fmt: skip


@contextmanager
def open_content(path: Path, *, max_bytes: int) -> Iterator[IO[bytes]]:
    """The content of `path` as a binary stream that must be read to its end to be verified."""
    with path.open("rb") as delivered:
        size = path.stat().st_size
        blocks = _blocks(delivered, path)
        with io.BufferedReader(_Capped(blocks, size, max_bytes), BLOCK_BYTES) as stream:
            yield stream


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
    if magic.startswith(b"\x1f\x8b"):
        return _gunzip(delivered)
    if magic.startswith(_ZIP):
        return _unzip(path)
    if magic.startswith(_OTHER_ARCHIVES):
        raise damaged("archive_not_allowed", "The file is an archive of a kind that is not taken.")
    return iter(lambda: delivered.read(BLOCK_BYTES), b"")


def _gunzip(delivered: IO[bytes]) -> Iterator[bytes]:
    data = delivered.read(BLOCK_BYTES)
    while data:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not member.eof:
            content = _inflate(member, data)
            if not (content or data or member.eof):
                raise damaged("gzip_truncated", "The gzip file ends before its content does.")
            yield content
            data = member.unconsumed_tail or (b"" if member.eof else delivered.read(BLOCK_BYTES))
        data = member.unused_data
        if len(data) < BLOCK_BYTES:
            data += delivered.read(BLOCK_BYTES)
        if data and not data.startswith(b"\x1f\x8b"):
            raise damaged("gzip_trailing", "Bytes that are no gzip follow the end of the file.")


def _inflate(member: zlib._Decompress, data: bytes) -> bytes:
    try:
        return member.decompress(data, BLOCK_BYTES)
    except zlib.error as error:
        if "check" in str(error) and "header" not in str(error):
            raise damaged("gzip_crc", "The gzip file fails its own checksum.") from None
        raise damaged("gzip_corrupt", "The gzip file is damaged.") from None


def _unzip(path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive)) as content:
            first = content.read(BLOCK_BYTES)
            if first.startswith((*_ZIP, b"\x1f\x8b", *_OTHER_ARCHIVES)):
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


class _Capped(io.RawIOBase):
    """Blocks as a raw stream that refuses to grow beyond the caps."""

    def __init__(self, blocks: Iterator[bytes], delivered_bytes: int, max_bytes: int) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")
        self._total = 0
        self._max_bytes = max_bytes
        self._max_inflated = max(delivered_bytes * MAX_RATIO, RATIO_FLOOR_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._count(len(block))
            self._rest = memoryview(block)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken

    def _count(self, size: int) -> None:
        self._total += size
        if self._total > self._max_bytes:
            raise damaged("too_large", f"The content exceeds {self._max_bytes:,} bytes.")
        if self._total > self._max_inflated:
            raise damaged("archive_bomb", f"The content is over {MAX_RATIO} times the file's size.")
