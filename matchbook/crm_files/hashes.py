"""A column of hashes as 32 bytes each: at once where all are hex, else cell by cell."""

from __future__ import annotations

import binascii

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matchbook.crm_files.plain import characters
from matchbook.identifiers import EMPTY_SHA256, canonical_sha256, hash_problem

DIGEST = pa.binary(32)
_HEX_DIGITS = 64
_EMPTY = pa.scalar(bytes.fromhex(EMPTY_SHA256), DIGEST)


def read_digests(values: pa.Array) -> tuple[pa.Array, dict[int, str], bool]:
    """The digests of trimmed cells, null where there is none, the reasons of bad cells by place.

    The last says whether all cells were plain: empty or 64 hex digits.
    """
    reasons: dict[int, str] = {}
    digests = _plain_digests(values)
    is_plain = digests is not None
    if digests is None:
        digests = _plain_digests(_repaired(values, reasons))
        assert digests is not None, "canonical hashes are plain"
    empties = np.flatnonzero(pc.fill_null(pc.equal(digests, _EMPTY), False).to_numpy(False))
    return digests, reasons | dict.fromkeys(empties.tolist(), "empty_hash"), is_plain


def _plain_digests(values: pa.Array) -> pa.Array | None:
    """None if any cell is neither empty nor 64 hex digits."""
    lengths = pc.binary_length(values).to_numpy(zero_copy_only=False)
    given = lengths == _HEX_DIGITS
    if not np.all(given | (lengths == 0)):
        return None
    try:
        raw = binascii.unhexlify(characters(values))
    except binascii.Error:
        return None
    count = int(given.sum())
    digests = pa.FixedSizeBinaryArray.from_buffers(DIGEST, count, [None, pa.py_buffer(raw)])
    if count == len(values):
        return digests
    return digests.take(pa.array(np.cumsum(given) - 1, mask=~given))


def _repaired(values: pa.Array, reasons: dict[int, str]) -> pa.Array:
    """All in lower hex, base64 too; empty where there is no SHA-256, for the reason noted."""
    cells = values.to_pylist()
    for i, text in enumerate(cells):
        if text:
            cells[i] = canonical_sha256(text) or ""
            if not cells[i]:
                reasons[i] = hash_problem(text)
    return pa.array(cells, pa.string())
