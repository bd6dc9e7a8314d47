"""A column of hashes becomes a column of identifier keys, without a text for each of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from matchbook.identifiers import key_digests
from matchbook.keys import Keys

DIGEST_BYTES, HEX_DIGITS = 32, 64


def keyed(keys: Keys, identifier_type: str, digests: pa.ChunkedArray) -> pa.Array:
    """The identifier keys of hashes, given as 32 bytes each and none missing, in their order."""
    raw = b"".join(map(_bytes_of, digests.chunks))
    values: list[bytes] = np.frombuffer(raw, f"V{DIGEST_BYTES}").tolist()
    return _hex_column(key_digests(keys, identifier_type, values))


def _bytes_of(column: pa.FixedSizeBinaryArray) -> memoryview:
    _, content = column.buffers()
    start = column.offset * DIGEST_BYTES
    return memoryview(content or b"")[start : start + len(column) * DIGEST_BYTES]


def _hex_column(digests: list[bytes]) -> pa.StringArray:
    ends = np.arange(len(digests) + 1, dtype=np.int32) * HEX_DIGITS
    characters = b"".join(digests).hex().encode()
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(ends), pa.py_buffer(characters))
