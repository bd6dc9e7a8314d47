"""What every packed delivery goes through: gzip verified to its last byte, and caps on growth.

Blocks are bounded however hard the file was packed, nothing is unpacked to disk, and damage
raises InputRejected before the last block is handed out.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO

from matchbook.errors import InputRejected

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OTHER_MAGICS = (b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x9d")
"""Archives and packings that nobody takes."""
ALL_MAGICS = (GZIP_MAGIC, ZSTD_MAGIC, *ZIP_MAGICS, *OTHER_MAGICS)

MAX_RATIO = 200
"""Content bytes per delivered byte; a web log packs 5 to 30 times, tables of hashes 2 to 10."""
RATIO_FLOOR_BYTES = 1024 * 1024
"""Content up to this size is never called a bomb: tiny files pack absurdly well."""

_READ_BYTES = 64 * 1024  # zlib copies what is left of a read at every member's end


def gunzip(delivered: IO[bytes], block_bytes: int) -> Iterator[bytes]:
    """The content of one gzip member or several, in blocks of at most `block_bytes`."""
    packed = delivered.read(_READ_BYTES)
    while packed:
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            block = _inflate(member, packed, block_bytes)
            if not (block or packed or member.eof):
                raise _damaged("gzip_truncated", "The gzip file ends too early.")
            if block:
                yield block
            packed = member.unconsumed_tail
            if not (packed or member.eof):
                packed = delivered.read(_READ_BYTES)
        packed = member.unused_data
        if len(packed) < len(GZIP_MAGIC):
            packed += delivered.read(_READ_BYTES)
        if packed and not packed.startswith(GZIP_MAGIC):
            raise _damaged("gzip_trailing", "Other bytes follow the end of the gzip data.")


def capped(blocks: Iterator[bytes], *, delivered_bytes: int, max_bytes: int) -> Iterator[bytes]:
    """The same blocks; refused beyond `max_bytes`, and when they are a decompression bomb."""
    most = max(RATIO_FLOOR_BYTES, MAX_RATIO * delivered_bytes)
    produced = 0
    for block in blocks:
        produced += len(block)
        if produced > max_bytes:
            raise _refused(
                "too_large", "The file is larger than one load may be.", "Deliver it in parts."
            )
        if produced > most:
            raise _refused(
                "archive_bomb",
                f"The file unpacks to more than {MAX_RATIO} times its size.",
                "If it is real data, deliver it plain.",
            )
        yield block


def _inflate(member: zlib._Decompress, packed: bytes, block_bytes: int) -> bytes:
    try:
        return member.decompress(packed, block_bytes)
    except zlib.error as error:
        if "check" in str(error) and "header" not in str(error):
            raise _damaged("gzip_crc", "The gzip file fails its own checksum.") from None
        raise _damaged("gzip_corrupt", "The gzip file is damaged.") from None


def _damaged(reason: str, happened: str) -> InputRejected:
    return _refused(reason, happened, "Deliver the whole file again.")


def _refused(reason: str, happened: str, todo: str) -> InputRejected:
    return InputRejected(reason, happened, kept="Nothing of it was loaded.", todo=todo)
