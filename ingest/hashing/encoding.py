"""Which characters a file's bytes stand for: UTF-8 if they can be, else what Excel writes here.

The browser decides alike (dashboard/components/crm_hasher/src/reading/encoding.ts).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO

from matchbook.compressed import BLOCK_BYTES, stream_of

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNUSED = b"\x81\x8d\x8f\x90\x9d"
_IN_PLACE_OF_CONTROLS = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in _UNUSED
}
"""Where Windows-1252 differs from Latin-1 as browsers read it: a byte it does not use is a control
character (https://encoding.spec.whatwg.org/#windows-1252)."""


def encoding_of(content: IO[bytes]) -> str:
    """The encoding of a text; unless that is marked, it is read to its end or first odd byte."""
    block = content.read(BLOCK_BYTES)
    for mark, name in _MARKS:
        if block.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder(UTF_8)()
    try:
        while block:
            decoder.decode(block)
            block = content.read(BLOCK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS_1252
    return UTF_8


def in_utf8(content: IO[bytes], encoding: str) -> IO[bytes]:
    """The same text in UTF-8; what is no character of its encoding becomes U+FFFD."""
    if encoding == UTF_8:
        return content
    blocks = iter(lambda: content.read(BLOCK_BYTES), b"")
    texts = _from_windows(blocks) if encoding == WINDOWS_1252 else _decoded(blocks, encoding)
    return stream_of(text.encode() for text in texts)


def _from_windows(blocks: Iterator[bytes]) -> Iterator[str]:
    return (block.decode("latin-1").translate(_IN_PLACE_OF_CONTROLS) for block in blocks)


def _decoded(blocks: Iterator[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    yield from map(decoder.decode, blocks)
    yield decoder.decode(b"", final=True)
