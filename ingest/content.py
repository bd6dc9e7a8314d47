"""The bytes inside a delivered log: plain, gzip or zstandard, told apart by their magic.

Blocks are bounded however hard the file was packed; damage raises InputRejected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

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

__all__ = ["GZIP_MAGIC", "ZSTD_MAGIC", "content_blocks", "refused"]

BLOCK_BYTES = 8 * 1024 * 1024
MAX_CONTENT_BYTES = 256 * 1024**3

_TAR_MAGIC, _TAR_OFFSET = b"ustar", 257
_ZSTD_WINDOW = 2**27
_ZSTD_READ_BYTES = 2048  # one zstd block of 4 bytes may unfold to 128 KiB


def content_blocks(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the content in blocks of at least 1 byte and little more than `block_bytes`.

    Raises InputRejected when the file is an archive, damaged, or a decompression bomb.
    """
    size = path.stat().st_size
    with path.open("rb") as handle:
        head = handle.read(8)
        handle.seek(0)
        content = _unpacked(handle, head, block_bytes)
        content = capped(content, delivered_bytes=size, max_bytes=MAX_CONTENT_BYTES)
        blocks = _gathered(content, block_bytes)
        if first := next(blocks, b""):
            _refuse_nested(head, first)
            yield first
        yield from blocks


def refused(reason: str, happened: str, todo: str) -> InputRejected:
    """A whole file that is not loaded."""
    return InputRejected(reason, happened, kept="None of its lines were loaded.", todo=todo)


def _unpacked(handle: BinaryIO, head: bytes, block_bytes: int) -> Iterator[bytes]:
    if head.startswith(GZIP_MAGIC):
        return gunzip(handle, block_bytes)
    if head.startswith(ZSTD_MAGIC):
        return _zstd_blocks(handle)
    if head.startswith((*ZIP_MAGICS, *OTHER_MAGICS)):
        raise _archive()
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


def _zstd_blocks(handle: BinaryIO) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = unpacker.decompressobj()
    packed = handle.read(_ZSTD_READ_BYTES)
    while packed:
        try:
            block = frame.decompress(packed)
        except zstandard.ZstdError:
            raise _damaged("zstd_corrupt", "The zstd file is damaged.") from None
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
                raise _damaged("zstd_trailing", "Other bytes follow the end of the zstd data.")
            frame = unpacker.decompressobj()
        packed = packed or handle.read(_ZSTD_READ_BYTES)
    raise _damaged("zstd_truncated", "The zstd file ends too early.")


def _refuse_nested(head: bytes, first: bytes) -> None:
    packed = head.startswith((GZIP_MAGIC, ZSTD_MAGIC))
    is_tar = first[_TAR_OFFSET : _TAR_OFFSET + len(_TAR_MAGIC)] == _TAR_MAGIC
    if is_tar or (packed and first.startswith(ALL_MAGICS)):
        raise _archive()


def _archive() -> InputRejected:
    return refused(
        "archive_not_allowed",
        "The file is an archive; nothing was unpacked.",
        "Deliver each log as a plain, gzip or zstd file.",
    )


def _damaged(reason: str, happened: str) -> InputRejected:
    return refused(reason, happened, "Deliver the whole file again.")
