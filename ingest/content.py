"""The bytes inside a delivered file: plain, gzip or zstandard, told apart by their magic.

Blocks are bounded however hard the file was packed; damage raises InputRejected.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

from matchbook.errors import InputRejected

BLOCK_BYTES = 8 * 1024 * 1024
MAX_RATIO = 200
"""Content bytes per delivered byte; a web log packs 5 to 30 times."""
RATIO_FLOOR_BYTES = 1024 * 1024
"""Content up to this size is never called a bomb."""
MAX_CONTENT_BYTES = 256 * 1024**3

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ARCHIVE_MAGICS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
)
PACKED_MAGICS = (GZIP_MAGIC, ZSTD_MAGIC, b"BZh", b"\xfd7zXZ\x00")

_TAR_MAGIC, _TAR_OFFSET = b"ustar", 257
_ZSTD_WINDOW = 2**27
_ZSTD_READ_BYTES = 2048  # one zstd block of 4 bytes may unfold to 128 KiB


def content_blocks(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the content in blocks of at least 1 byte and little more than `block_bytes`.

    Raises InputRejected when the file is an archive, damaged, or a decompression bomb.
    """
    delivered = path.stat().st_size
    with path.open("rb") as handle:
        head = handle.read(6)
        handle.seek(0)
        _refuse_archive(head)
        produced = 0
        for block in _gathered(_unpacked(handle, head, block_bytes), block_bytes):
            if produced == 0:
                _refuse_nested(head, block)
            produced += len(block)
            _refuse_bomb(produced, delivered)
            yield block


def refused(reason: str, happened: str, todo: str) -> InputRejected:
    """A whole file that is not loaded."""
    return InputRejected(reason, happened, kept="None of its lines were loaded.", todo=todo)


def _unpacked(handle: BinaryIO, head: bytes, block_bytes: int) -> Iterator[bytes]:
    if head.startswith(GZIP_MAGIC):
        return _gzip_blocks(handle, block_bytes)
    if head.startswith(ZSTD_MAGIC):
        return _zstd_blocks(handle)
    return iter(lambda: handle.read(block_bytes), b"")


def _gathered(blocks: Iterator[bytes], block_bytes: int) -> Iterator[bytes]:
    """Join small blocks, so that the work per block is worth it."""
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= block_bytes:
            yield waiting[0] if len(waiting) == 1 else b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


def _gzip_blocks(handle: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    packed = handle.read(256 * 1024)
    while packed:
        block = _inflate(member, packed, block_bytes)
        if block:
            yield block
        packed = member.unconsumed_tail
        if member.eof:
            packed = member.unused_data or handle.read(256 * 1024)
            if not packed:
                return
            if not packed.startswith(GZIP_MAGIC):
                packed += handle.read(1)
            if not packed.startswith(GZIP_MAGIC):
                raise _trailing("gzip")
            member = zlib.decompressobj(wbits=31)
        elif not packed:
            packed = handle.read(256 * 1024)
    # The last member may hold output back until it is asked again.
    yield from iter(lambda: _inflate(member, b"", block_bytes), b"")
    if not member.eof:
        raise _truncated("gzip")


def _inflate(member: zlib._Decompress, packed: bytes, block_bytes: int) -> bytes:
    try:
        return member.decompress(packed, block_bytes)
    except zlib.error as error:
        if "incorrect" in str(error) and "check" in str(error) and "header" not in str(error):
            raise _damaged("gzip_crc", "gzip", "its checksum does not fit its content") from None
        raise _damaged("gzip_corrupt", "gzip", "its packed data is not valid") from None


def _zstd_blocks(handle: BinaryIO) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = unpacker.decompressobj()
    packed = handle.read(_ZSTD_READ_BYTES)
    while packed:
        try:
            block = frame.decompress(packed)
        except zstandard.ZstdError:
            raise _damaged("zstd_corrupt", "zstd", "its packed data is not valid") from None
        if block:
            yield block
        packed = b""
        if frame.eof:
            packed = frame.unused_data
            if packed and len(packed) < 4:
                packed += handle.read(_ZSTD_READ_BYTES)
            packed = packed or handle.read(_ZSTD_READ_BYTES)
            if not packed:
                return
            if not packed.startswith(ZSTD_MAGIC):
                raise _trailing("zstd")
            frame = unpacker.decompressobj()
        packed = packed or handle.read(_ZSTD_READ_BYTES)
    raise _truncated("zstd")


def _refuse_archive(head: bytes) -> None:
    if head.startswith(ARCHIVE_MAGICS):
        raise _archive()


def _refuse_nested(head: bytes, block: bytes) -> None:
    packed = head.startswith((GZIP_MAGIC, ZSTD_MAGIC))
    is_tar = block[_TAR_OFFSET : _TAR_OFFSET + len(_TAR_MAGIC)] == _TAR_MAGIC
    if is_tar or (packed and block.startswith((*ARCHIVE_MAGICS, *PACKED_MAGICS))):
        raise _archive()


def _refuse_bomb(produced: int, delivered: int) -> None:
    if produced > max(RATIO_FLOOR_BYTES, MAX_RATIO * delivered):
        raise refused(
            "archive_bomb",
            f"The file unpacks to more than {MAX_RATIO} times its size.",
            "If it is a real log, deliver it plain.",
        )
    if produced > MAX_CONTENT_BYTES:
        raise refused(
            "too_large", "The file is larger than one load may be.", "Deliver it in parts."
        )


def _archive() -> InputRejected:
    return refused(
        "archive_not_allowed",
        "The file is an archive; nothing was unpacked.",
        "Deliver each log as a plain, gzip or zstd file.",
    )


def _truncated(form: str) -> InputRejected:
    return refused(
        f"{form}_truncated", f"The {form} file ends too early.", "Deliver the whole file again."
    )


def _trailing(form: str) -> InputRejected:
    return refused(
        f"{form}_trailing",
        f"Other bytes follow the end of the {form} data.",
        "Deliver the file again as it was written.",
    )


def _damaged(reason: str, form: str, what: str) -> InputRejected:
    return refused(reason, f"The {form} file is damaged: {what}.", "Deliver it again.")
