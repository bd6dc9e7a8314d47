"""Tells the partner cookie ids that need no second look, as most do, from those for SQL."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.distinct import asked
from ingest.pixel_logs.values import PARTNERS
from ingest.pixel_logs.views import Flags
from matchbook.partners import Partner, load_partners

_PLAIN = "^[a-z0-9-]{23,256}$"
"""Longer than placeholders and phone numbers, and the same in small letters and decoded."""


def are_plain(
    connection: duckdb.DuckDBPyConnection,
    codes: pa.Array,
    ids: pa.Array,
    *,
    but: frozenset[str] = frozenset(),
) -> Flags:
    """Which ids, as they were sent, are in their partner's one form and not refused.

    `codes` are the partners' codes, as sent; both may be null. `but`: none of these partners'.
    """
    told = codes.dictionary_encode()
    names = asked(connection, {"r_partner": told.dictionary}, PARTNERS)["partner_id"]
    numbers = pc.index_in(names, pa.array([partner.partner_id for partner in load_partners()]))
    of_rows = numbers.take(told.indices).fill_null(-1).to_numpy()
    is_plain = np.zeros(len(ids), dtype=np.bool_)
    for number, partner in enumerate(load_partners()):
        rows = np.flatnonzero(of_rows == number)
        if len(rows) and partner.partner_id not in but:
            is_plain[rows] = _look_right(partner, ids.take(pa.array(rows)))
    return is_plain


def _look_right(partner: Partner, ids: pa.Array) -> Flags:
    looks = pc.and_(pc.match_substring_regex(ids, _PLAIN), _matches(ids, partner.cookie_pattern))
    for pattern in partner.refused_patterns:
        looks = pc.and_not(looks, _matches(ids, pattern))
    flags: Flags = looks.fill_null(False).to_numpy(zero_copy_only=False)
    return flags


def _matches(ids: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(ids, f"^(?:{pattern})$")
