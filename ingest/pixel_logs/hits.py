"""The rows that calls leave, put together from what each says and what its kind became."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.pixel_logs.calls import Calls, Identifier
from ingest.pixel_logs.distinct import Columns, joined, told_apart
from ingest.pixel_logs.views import Flags, Places
from matchbook.consent import ERASE

_OF_KIND = (
    "client_id", "consent_basis", "is_prefetch", "has_clock_skew", "has_format_warning",
    "hit_date", "hit_type", "partner_id", "publisher_id", "site_id",
)  # fmt: skip
_NOT_IN_WITHDRAWALS = (
    "partner_id", "partner_cookie_id", "cep_contact_id", "message_id", "event_name", "page_host",
    "page_path", "section", "referrer_host", "ip_prefix", "consent_basis",
)  # fmt: skip


_RANDOM = ("hit_id", "visitor_id", "partner_cookie_id", "identifier_key")
"""Texts that hardly repeat; of the others each round has few."""
_FEW = pa.dictionary(pa.int32(), pa.string())
_IN_ORDER = ("line_number", "hit_at")


class HitsFile:
    """A Parquet file that hits are added to, round by round; another thread writes it."""

    def __init__(self, path: Path, schema: pa.Schema, load_seq: int) -> None:
        self.path = path
        self.load_seq = load_seq
        self._schema = pa.schema([_as_written(column) for column in schema])
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            use_dictionary=[name for name in schema.names if name not in _RANDOM + _IN_ORDER],
            column_encoding=dict.fromkeys(_IN_ORDER, "DELTA_BINARY_PACKED"),
            store_schema=False,
        )
        self._pool = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def add(self, rows: pa.Table) -> None:
        """Add rows, which have all columns but that of the load."""
        load_seq = pa.repeat(pa.scalar(self.load_seq, pa.int64()), len(rows))
        rows = rows.append_column("load_seq", load_seq).select(self._schema.names)
        self._written()
        self._writing = self._pool.submit(self._writer.write_table, rows.cast(self._schema))

    def __enter__(self) -> HitsFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is left; more than once does no harm."""
        try:
            self._written()
        finally:
            self._pool.shutdown()
            self._writer.close()

    def _written(self) -> None:
        """Wait for what is being written; one round at a time is kept for that."""
        if self._writing is not None:
            self._writing.result()


def hits(calls: Calls, verdicts: pa.Table, erased: Flags) -> pa.Table:
    """The accepted calls, once for each of their identifiers, and the withdrawals.

    `verdicts` has a row for each kind; `erased` says of each call whether it is about somebody
    of whom nothing may be kept.
    """
    accepted, withdrawn = (which & ~erased for which in _kept(calls, verdicts))
    rows, which = _with_identifiers(calls, accepted, np.flatnonzero(accepted | withdrawn))
    of_kind, own = pa.array(calls.kinds[rows]), pa.array(rows)
    columns = {name: told_apart(joined(verdicts[name])).take(of_kind) for name in _OF_KIND}
    columns |= {name: column.take(own) for name, column in calls.own.items()}
    columns |= _identifiers(calls.identifiers, which)
    withdraws = verdicts["withdraws"].to_numpy()[calls.kinds[rows]]
    if withdraws.any():
        columns |= _emptied(columns, withdraws)
    return pa.table(columns)


def _kept(calls: Calls, verdicts: pa.Table) -> tuple[Flags, Flags]:
    """Which calls are accepted, and which not accepted ones withdraw."""
    accepted = pc.equal(verdicts["outcome"], "accepted")
    withdrawn = pc.and_(pc.equal(verdicts["outcome"], "untracked"), verdicts["withdraws"])
    withdrawn = pc.and_(withdrawn, verdicts["has_visitor"])
    return accepted.to_numpy()[calls.kinds], withdrawn.to_numpy()[calls.kinds]


def _with_identifiers(
    calls: Calls, accepted: Flags, rows: Places
) -> tuple[Places, npt.NDArray[np.int64]]:
    """The rows, each as often as it has identifiers or once; and those, or -1 for none."""
    bearers = np.array([item.call for item in calls.identifiers], dtype=np.int64)
    wanted = np.flatnonzero(accepted[bearers])
    many = np.bincount(bearers[wanted], minlength=len(accepted))[rows]
    which = np.full(np.maximum(many, 1).sum(), -1, dtype=np.int64)
    which[np.repeat(many > 0, np.maximum(many, 1))] = wanted
    return np.repeat(rows, np.maximum(many, 1)), which


def _identifiers(found: list[Identifier], which: npt.NDArray[np.int64]) -> Columns:
    places = pa.array(which, mask=which < 0)
    return {
        "identifier_type": pa.array([item.kind for item in found], pa.string()).take(places),
        "identifier_key": pa.array([item.key for item in found], pa.string()).take(places),
        "key_version": pa.array([item.key_version for item in found], pa.int32()).take(places),
    }


def _emptied(columns: Columns, withdraws: Flags) -> Columns:
    """A withdrawal says nothing but who withdrew, where and when, and whether it asks to erase."""
    kept = pa.array(np.arange(len(withdraws)), mask=withdraws)
    erases = pc.equal(columns["consent_basis"], ERASE).fill_null(False)
    emptied = {name: columns[name].take(kept) for name in _NOT_IN_WITHDRAWALS}
    asked = pc.if_else(erases, pa.scalar(ERASE), emptied["consent_basis"])
    return emptied | {"consent_basis": asked}


def _as_written(column: pa.Field) -> pa.Field:
    is_few = column.type == pa.string() and column.name not in _RANDOM
    return column.with_type(_FEW) if is_few else column
