"""Split content into lines by bytes and hand them on as Arrow batches, without a line loop.

A line keeps its end-of-line bytes in the text (the parsers ignore them), so that a block's
lines are one Arrow string array over the block itself.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MAX_LINE_BYTES = 64 * 1024
LONG_LINE_HEAD_BYTES = 4096
PADDING_BYTES = 16
"""Zeros after a block's text, so that a word can be read at its last byte."""
BATCH_LINES = 60_000
"""DuckDB reads one batch on one core: large enough to be cheap, small enough to share."""

SOUND, CONTROL_CHAR, BAD_ENCODING, TOO_LONG, LANDED = range(5)
"""Values of the `flaw` column; LANDED marks a line that ends within bytes landed before."""

FLAW_REASONS = {
    CONTROL_CHAR: "control_char",
    BAD_ENCODING: "bad_encoding",
    TOO_LONG: "too_long",
}

SCHEMA = pa.schema(
    [
        ("line_number", pa.int64()),
        ("byte_offset", pa.int64()),
        ("byte_length", pa.int64()),
        ("flaw", pa.int8()),
        ("line", pa.string()),
    ]
)

_BOM = b"\xef\xbb\xbf"
_QUESTION_MARK = ord("?")
_Positions = npt.NDArray[np.int64]


@dataclass
class Splitter:
    """Splits one file's content; `landed_bytes` of it are known from an earlier load."""

    landed_bytes: int = 0
    lines: int = 0
    """Non-empty lines so far."""
    _numbered: int = 0
    _offset: int = 0
    _carry: bytes = b""
    _long: _LongLine | None = field(default=None)

    def batches(self, blocks: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
        """Yield the lines of all blocks, in order, with their places in the content."""
        for block in blocks:
            yield from self._add(block)
        yield from self._finish()

    def _add(self, block: bytes) -> Iterator[pa.RecordBatch]:
        if self._offset == 0 and not self._carry and block.startswith(_BOM):
            block, self._offset = block[len(_BOM) :], len(_BOM)
        if self._long is not None:
            block = yield from self._continue_long(block)
        end = block.rfind(b"\n") + 1
        if end:
            carry, self._carry = self._carry, block[end:]
            yield from self._split(carry, memoryview(block)[:end])
        else:
            self._carry += block
        if len(self._carry) > MAX_LINE_BYTES:
            self._long = _LongLine(self._carry[:LONG_LINE_HEAD_BYTES], len(self._carry))
            self._carry = b""

    def _continue_long(self, block: bytes) -> Generator[pa.RecordBatch, None, bytes]:
        assert self._long is not None
        end = block.find(b"\n")
        if end < 0:
            self._long.length += len(block)
            return b""
        self._long.length += end + 1
        yield self._long_batch(ended=True)
        return block[end + 1 :]

    def _finish(self) -> Iterator[pa.RecordBatch]:
        if self._long is not None:
            yield self._long_batch(ended=False)
        elif self._carry:
            yield from self._split(self._carry, memoryview(b""))
            self._carry = b""

    def _long_batch(self, *, ended: bool) -> pa.RecordBatch:
        assert self._long is not None
        head, length = self._long.head, self._long.length
        clean = _cleaned(head)
        flaw = LANDED if self._offset + length - ended <= self.landed_bytes else TOO_LONG
        self._numbered += 1
        self.lines += 1
        row = [[self._numbered], [self._offset], [length - ended], [flaw], [clean]]
        self._offset += length
        self._long = None
        return pa.record_batch(
            [pa.array(values, kind) for values, kind in zip(row, SCHEMA.types, strict=True)],
            schema=SCHEMA,
        )

    def _split(self, begun: bytes, rest: memoryview) -> Iterator[pa.RecordBatch]:
        content = _padded(begun, rest)
        data = content[:-PADDING_BYTES]
        # One look finds both: as a signed number, a byte beyond ASCII is below zero.
        odd = np.flatnonzero(data.view(np.int8) < 32)
        codes = data[odd]
        breaks = odd[codes == 10]
        stops = breaks + 1
        if len(stops) == 0 or stops[-1] < len(data):
            stops = np.append(stops, len(data))
            breaks = np.append(breaks, len(data))
        starts = np.concatenate(([0], stops[:-1]))
        last = data[np.maximum(breaks - 1, 0)]
        lengths = breaks - starts
        lengths -= (last == 13) & (lengths > 0)
        flaws = np.zeros(len(stops), dtype=np.int8)
        _mark_bad_encoding(data, odd[codes >= 128], starts, stops, flaws)
        _mark_controls(data, odd[(codes < 32) & (codes != 9) & (codes != 10)], breaks, flaws)
        flaws[lengths > MAX_LINE_BYTES] = TOO_LONG
        flaws[self._offset + starts + lengths <= self.landed_bytes] = LANDED
        yield from self._arrow(content, starts, stops, lengths, flaws)
        self._numbered += len(stops)
        self._offset += len(data)

    def _arrow(
        self,
        content: npt.NDArray[np.uint8],
        starts: _Positions,
        stops: _Positions,
        lengths: _Positions,
        flaws: npt.NDArray[np.int8],
    ) -> Iterator[pa.RecordBatch]:
        count = len(stops)
        self.lines += int(np.count_nonzero(lengths))
        offsets = np.empty(count + 1, dtype=np.int32)
        offsets[0] = 0
        offsets[1:] = stops
        text = pa.Array.from_buffers(
            pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(content)]
        )
        numbers = np.arange(self._numbered + 1, self._numbered + count + 1, dtype=np.int64)
        columns = (numbers, starts + self._offset, lengths, flaws)
        arrays = [pa.array(column) for column in columns]
        batch = pa.record_batch([*arrays, text], schema=SCHEMA)
        for first in range(0, count, BATCH_LINES):
            yield batch.slice(first, BATCH_LINES)


@dataclass
class _LongLine:
    """A line that outgrew the buffer: only its head is kept, the rest is counted."""

    head: bytes
    length: int


def _padded(begun: bytes, rest: memoryview) -> npt.NDArray[np.uint8]:
    """Both texts, joined, and the padding: the one copy that is made of a block."""
    size = len(begun) + len(rest)
    content = np.empty(size + PADDING_BYTES, dtype=np.uint8)
    content[: len(begun)] = np.frombuffer(begun, dtype=np.uint8)
    content[len(begun) : size] = np.frombuffer(rest, dtype=np.uint8)
    content[size:] = 0
    return content


def _mark_controls(
    data: npt.NDArray[np.uint8],
    controls: _Positions,
    breaks: _Positions,
    flaws: npt.NDArray[np.int8],
) -> None:
    """Flag lines with a control character other than tab; blank it out of the text."""
    if len(controls) == 0:
        return
    line = np.searchsorted(breaks, controls)
    at_end = (data[controls] == 13) & (controls + 1 == breaks[line])
    controls, line = controls[~at_end], line[~at_end]
    flaws[line] = CONTROL_CHAR
    data[controls] = _QUESTION_MARK


def _mark_bad_encoding(
    data: npt.NDArray[np.uint8],
    beyond_ascii: _Positions,
    starts: _Positions,
    stops: _Positions,
    flaws: npt.NDArray[np.int8],
) -> None:
    """Flag lines that are not UTF-8; blank their other bytes out of the text."""
    for line in np.unique(np.searchsorted(stops, beyond_ascii, side="right")).tolist():
        part = data[starts[line] : stops[line]]
        try:
            str(part.data, "utf-8")
        except UnicodeDecodeError:
            flaws[line] = BAD_ENCODING
            part[part >= 128] = _QUESTION_MARK


def _cleaned(head: bytes) -> str:
    text = head.decode("utf-8", "replace")
    return "".join(c if c >= " " or c == "\t" else "?" for c in text)
