"""Arrow string columns made of parts of one buffer, without a loop over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_INLINE_BYTES = 12
_LOW_BYTES = np.array([(1 << 8 * n) - 1 for n in range(8)] + [2**64 - 1] * 5, dtype=np.uint64)


def words(data: Bytes, size: int) -> npt.NDArray[np.unsignedinteger]:
    """The little-endian word of `size` bytes that starts at each byte."""
    return np.ndarray((len(data) - size + 1,), f"<u{size}", data, 0, (1,))


def picked(data: npt.NDArray[Any], places: Places, count: int) -> npt.NDArray[np.uint64]:
    """For each place a row: the `count` words of eight bytes that begin at that item.

    Picking many bytes at once costs no more than picking one.
    """
    size = 8 * count
    cells = max(0, (data.nbytes - size) // data.itemsize + 1)
    found: npt.NDArray[Any] = np.ndarray((cells,), f"V{size}", data, 0, data.strides)[places]
    return found.view("<u8").reshape(-1, count)


def word(content: bytes) -> int:
    """What `words` has where `content` stands."""
    return int.from_bytes(content, "little")


def padded(data: Bytes) -> Bytes:
    """A copy with room for a word to be read at its last byte."""
    return np.concatenate((data, np.zeros(16, dtype=np.uint8)))


def strings(data: Bytes, starts: Places, stops: Places) -> pa.Array:
    """A string column of data[start:stop]; `data` is padded."""
    lengths = stops - starts
    views = np.zeros((len(starts), 4), dtype=np.int32)
    views[:, 0] = lengths
    views[:, 1] = words(data, 4)[starts].view(np.int32)
    views[:, 3] = starts
    _put_short_in(views, data, starts, lengths)
    buffers = [None, pa.py_buffer(views), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string_view(), len(starts), buffers).cast(pa.string())


def strings_of(data: Bytes, rows: Places, starts: Places, stops: Places, *, count: int) -> pa.Array:
    """A string column of `count` rows: `strings` at `rows`, in order, and null elsewhere."""
    if len(rows) == 0:
        return pa.nulls(count, pa.string())
    places = np.full(count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    return strings(data, starts, stops).take(pa.array(places, mask=places < 0))


def _put_short_in(
    views: npt.NDArray[np.int32], data: Bytes, starts: Places, lengths: Places
) -> None:
    """A text of at most 12 bytes stands in the view itself, filled up with zeros."""
    short = np.flatnonzero(lengths <= _INLINE_BYTES)
    if len(short) == 0:
        return
    at, size = starts[short], lengths[short]
    texts = np.zeros((len(short), 2), dtype=np.uint64)
    texts[:, 0] = words(data, 8)[at] & _LOW_BYTES[size]
    texts[:, 1] = words(data, 8)[at + 8] & _LOW_BYTES[np.maximum(size - 8, 0)]
    views[short, 1:] = texts.view(np.int32)[:, :3]
