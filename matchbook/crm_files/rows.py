"""The checks of rows: whole columns at a time, each row accepted or rejected for one reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matchbook.crm_files import personal_data
from matchbook.crm_files.columns import Column
from matchbook.crm_files.hashes import read_digests

MAX_RECORD_ID_LENGTH = 200
MAX_ATTRIBUTE_LENGTH = 1000

REASONS = (
    "", "missing_record_id", "bad_record_id", "bad_hash", "bad_hash_algo", "empty_hash",
    "bad_contact_id", "columns", "quote", "control_char", "too_long", "hash_in_attribute",
)  # fmt: skip
"""Why a row or a cell is rejected; position 0 means it is not."""

CODES = {reason: code for code, reason in enumerate(REASONS)}

_MAX_CONTACT_ID = str(2**63 - 1)
_SHA256, _SHA256_LENGTH = "^[0-9a-fA-F]{64}$", 64
"""As a record id or an attribute it would rest bare with us and leave in partner files."""


@dataclass(frozen=True)
class CrmBatch:
    """Verified rows in columns. Every table starts with `line_number`, the row's first line."""

    rows: pa.Table
    """Accepted rows: line_number, crm_record_id, cep_contact_id."""
    identifiers: dict[Column, pa.Table]
    """By column: line_number, crm_record_id, sha256 (its 32 bytes)."""
    attributes: dict[Column, pa.Table]
    """By column: line_number, crm_record_id, value."""
    rejects: pa.Table
    """Rejected rows: line_number, reason."""
    cell_rejects: Counter[str]
    """Cells left out of accepted rows, by reason."""


@dataclass(frozen=True)
class _Cells:
    """A checked column: canonical values, which cells are given, and why some are bad."""

    values: pa.Array
    given: Any
    codes: Any
    suspects: pa.Array
    """Values that may be raw personal data."""

    @property
    def good(self) -> Any:
        return self.given & (self.codes == 0)


def check_rows(
    columns: tuple[Column, ...], cells: list[pa.Array], lines: Any, *, mode: str
) -> CrmBatch:
    """Check one batch of complete rows, given as one trimmed string array per column.

    Raises InputRejected (`raw_personal_data`) when any value is raw personal data.
    """
    hashes = {c: _hashes(cells[c.position]) for c in columns if c.kind == "identifier"}
    contacts = _contact_ids(_single(columns, cells, "cep_contact_id", len(lines)))
    checked = hashes | {c: contacts for c in columns if c.kind == "cep_contact_id"}
    _refuse_personal(columns, cells, lines, checked)
    record_ids = _single(columns, cells, "record_id", len(lines))
    codes = _row_codes(record_ids, [*hashes.values(), contacts], mode=mode)
    accepted = codes == 0
    counts = Counter[str]()
    for column in (*hashes.values(), contacts):
        _count(counts, column.codes[accepted])
    base = pa.table({"line_number": lines, "crm_record_id": _null_if_blank(record_ids)})
    return CrmBatch(
        rows=_where(base, "cep_contact_id", contacts.values, accepted),
        identifiers={
            c: _where(base, "sha256", h.values, accepted & h.good) for c, h in hashes.items()
        },
        attributes={
            c: _attribute(base, cells[c.position], accepted, counts)
            for c in columns
            if c.kind == "attribute"
        },
        rejects=reject_table(lines[~accepted], codes[~accepted]),
        cell_rejects=counts,
    )


def reject_table(lines: Any, codes: Any) -> pa.Table:
    """The rejected lines with their reasons spelled out."""
    reasons = pa.array(REASONS, pa.string()).take(pa.array(codes, pa.int8()))
    return pa.table({"line_number": pa.array(lines, pa.int64()), "reason": reasons})


def _refuse_personal(
    columns: tuple[Column, ...], cells: list[pa.Array], lines: Any, checked: dict[Column, _Cells]
) -> None:
    """Raise InputRejected if any value of any column looks like raw personal data."""
    for column, values in zip(columns, cells, strict=True):
        suspects = checked[column].suspects if column in checked else values
        suspects = suspects.unique() if column.kind == "attribute" else suspects
        found = personal_data.find_raw(suspects, are_ids=column.kind == "record_id")
        if found is not None:
            first = pc.index(values, suspects[found]).as_py()
            raise personal_data.refused(
                f"column {column.position + 1}, for example on line {lines[first]}"
            )


def _single(columns: tuple[Column, ...], cells: list[pa.Array], kind: str, size: int) -> pa.Array:
    found = [cells[column.position] for column in columns if column.kind == kind]
    return found[0] if found else pa.repeat("", size)


def _hashes(values: pa.Array) -> _Cells:
    digests, reasons, is_plain = read_digests(values)
    codes = np.zeros(len(values), np.int8)
    for place, reason in reasons.items():
        codes[place] = CODES[reason]
    suspects = values.slice(0, 0)
    if not is_plain:
        suspects = values.filter(pc.invert(pc.match_substring_regex(values, _SHA256)))
    return _Cells(digests, _mask(pc.not_equal(values, "")), codes, suspects)


def _contact_ids(values: pa.Array) -> _Cells:
    given = _mask(pc.not_equal(values, ""))
    if not given.any():
        none = pa.nulls(len(values), pa.int64())
        return _Cells(none, given, np.zeros(len(values), np.int8), values.slice(0, 0))
    shaped = _mask(pc.match_substring_regex(values, "^[1-9][0-9]{0,18}$"))
    longest = _mask(pc.equal(pc.utf8_length(values), len(_MAX_CONTACT_ID)))
    good = shaped & ~(longest & _mask(pc.greater(values, _MAX_CONTACT_ID)))
    numbers = pc.if_else(pa.array(good), values, pa.scalar(None, pa.string())).cast(pa.int64())
    codes = np.where(given & ~good, CODES["bad_contact_id"], 0)
    return _Cells(numbers, given, codes, values.filter(pa.array(given & ~shaped)))


def _row_codes(record_ids: pa.Array, checked: list[_Cells], *, mode: str) -> Any:
    """For each row why it is rejected, 0 if it is not.

    A row falls when all its identifiers are bad, and when nothing says whose it is. An
    opt-out needs only one of both: a withdrawal is not lost for a bad hash beside it.
    """
    codes = np.zeros(len(record_ids), np.int8)
    any_good = np.zeros(len(record_ids), bool)
    for cells in checked:
        any_good |= cells.good
        codes = np.where(codes == 0, cells.codes, codes)
    named = _mask(pc.not_equal(record_ids, ""))
    codes[any_good | (named & (mode == "opt-out"))] = 0
    nameless = ~named if mode != "opt-out" else ~named & ~any_good & (codes == 0)
    codes[nameless] = CODES["missing_record_id"]
    bad_id = pc.or_(
        pc.greater(pc.utf8_length(record_ids), MAX_RECORD_ID_LENGTH),
        pc.match_substring_regex(record_ids, rf"[[:cntrl:]]|{_SHA256}"),
    )
    codes[_mask(bad_id)] = CODES["bad_record_id"]
    return codes


def _attribute(base: pa.Table, values: pa.Array, accepted: Any, counts: Counter[str]) -> pa.Table:
    kept = accepted & _mask(pc.not_equal(values, "")) & _mask(base["crm_record_id"].is_valid())
    if _longest(values) >= _SHA256_LENGTH:
        too_long = kept & _mask(pc.greater(pc.utf8_length(values), MAX_ATTRIBUTE_LENGTH))
        counts["too_long"] += int(too_long.sum())
        hashes = kept & _mask(pc.match_substring_regex(values, _SHA256))
        counts["hash_in_attribute"] += int(hashes.sum())
        kept = kept & ~too_long & ~hashes
    return _where(base, "value", values, kept)


def _longest(values: pa.Array) -> int:
    """In bytes, so at least that many characters fit."""
    return pc.max(pc.binary_length(values)).as_py() or 0


def _where(base: pa.Table, name: str, values: pa.Array, wanted: Any) -> pa.Table:
    return base.append_column(name, values).filter(pa.array(wanted))


def _count(counts: Counter[str], codes: Any) -> None:
    for code, count in enumerate(np.bincount(codes, minlength=1)):
        if code and count:
            counts[REASONS[code]] += int(count)


def _null_if_blank(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def _mask(condition: Any) -> Any:
    return (
        condition.to_numpy(zero_copy_only=False)
        if isinstance(condition, pa.Array)
        else condition.to_numpy()
    )
