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
_PREFIX_BYTES = 4
_KEPT = np.array(
    [[0xFF] * size + [0] * (16 - size) for size in (*range(_INLINE_BYTES + 1), _PREFIX_BYTES)],
    dtype=np.uint8,
).view("<u8")
"""By length, what is left of sixteen bytes."""


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
    return _column(data, _views(data, starts, stops), None)


def strings_of(data: Bytes, rows: Places, starts: Places, stops: Places, *, count: int) -> pa.Array:
    """A string column of `count` rows: `strings` at `rows`, in order, and null elsewhere."""
    if len(rows) == 0:
        return pa.nulls(count, pa.string())
    views = np.zeros((count, 4), dtype=np.int32)
    views[rows] = _views(data, starts, stops)
    is_valid = np.zeros(count, dtype=np.bool_)
    is_valid[rows] = True
    return _column(data, views, np.packbits(is_valid, bitorder="little"))


def _column(data: Bytes, views: npt.NDArray[np.int32], is_valid: Bytes | None) -> pa.Array:
    buffers = [None if is_valid is None else pa.py_buffer(is_valid)]
    buffers += [pa.py_buffer(views), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string_view(), len(views), buffers).cast(pa.string())


def _views(data: Bytes, starts: Places, stops: Places) -> npt.NDArray[np.int32]:
    """A short text stands in its view, filled up with zeros; of others their first bytes do."""
    lengths = stops - starts
    is_long = lengths > _INLINE_BYTES
    views = np.zeros((len(starts), 4), dtype=np.int32)
    views[:, 0] = lengths
    if is_long.all():
        views[:, 1] = words(data, _PREFIX_BYTES)[starts].view(np.int32)
        views[:, 3] = starts
        return views
    texts = picked(data, starts, 2) & _KEPT[np.minimum(lengths, _INLINE_BYTES + 1)]
    views[:, 1:] = texts.view(np.int32)[:, :3]
    views[is_long, 3] = starts[is_long]
    return views
