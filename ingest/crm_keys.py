"""A column of hashes becomes a column of identifier keys, without a text for each of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from matchbook.identifiers import key_digests
from matchbook.keys import Keys

DIGEST_BYTES, HEX_DIGITS = 32, 64


def keyed(keys: Keys, identifier_type: str, hashes: pa.ChunkedArray) -> pa.Array:
    """The identifier keys of canonical hashes, all given, in their order."""
    text = b"".join(_characters(chunk) for chunk in hashes.chunks).decode("ascii")
    raw = bytes.fromhex(text)
    digests = [raw[i : i + DIGEST_BYTES] for i in range(0, len(raw), DIGEST_BYTES)]
    return _hex_column(key_digests(keys, identifier_type, digests))


def _characters(column: pa.StringArray) -> bytes:
    _, offsets, characters = column.buffers()
    ends = np.frombuffer(offsets, np.int32)[column.offset :][: len(column) + 1]
    return characters[int(ends[0]) : int(ends[-1])].to_pybytes() if len(column) else b""


def _hex_column(digests: list[bytes]) -> pa.StringArray:
    ends = np.arange(len(digests) + 1, dtype=np.int32) * HEX_DIGITS
    characters = b"".join(digests).hex().encode()
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(ends), pa.py_buffer(characters))
