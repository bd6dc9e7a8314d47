"""Record ids and attributes: what of them landing would refuse is left out here."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from ingest.hashing.identifiers import Note
from matchbook.crm_files import personal_data
from matchbook.crm_files.rows import MAX_ATTRIBUTE_LENGTH, MAX_RECORD_ID_LENGTH

_SHA256 = re.compile("[0-9a-fA-F]{64}")
_CONTACT_ID = re.compile("[1-9][0-9]{0,18}")
_MAX_CONTACT_ID = 2**63 - 1
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def record_ids(cells: Sequence[str], refuse: Note, *, may_lack: bool) -> list[str]:
    """The ids, empty where the row cannot be kept for want of a good one.

    With `may_lack` an empty cell is none to refuse the row for.
    """
    raw = _raw(cells, are_ids=True)
    found = list(cells)
    if (may_lack or "" not in found) and not raw and not _any_odd(found):
        return found
    for i, text in enumerate(cells):
        if may_lack and not text:
            continue
        if reason := _id_problem(text, raw):
            refuse(i, reason)
            found[i] = ""
    return found


def attribute_cells(cells: Sequence[str], refuse: Note) -> list[str]:
    """Attribute values on one line each, without contact data and bare hashes."""
    raw = _raw(cells, are_ids=False)
    reasons = {text: _attribute_problem(text, raw) for text in set(cells)}
    clean = {text: "" if why else _CONTROL.sub(" ", text) for text, why in reasons.items()}
    if any(reasons.values()):
        for i, text in enumerate(cells):
            if reasons[text]:
                refuse(i, reasons[text])
    return [clean[text] for text in cells]


def contact_ids(cells: Sequence[str], refuse: Note) -> list[str]:
    """The CEP's own numbers of contacts."""
    found = list(cells)
    for i, text in enumerate(cells):
        if text and (not _CONTACT_ID.fullmatch(text) or int(text) > _MAX_CONTACT_ID):
            refuse(i, "bad_contact_id")
            found[i] = ""
    return found


def _any_odd(cells: list[str]) -> bool:
    """Whether any of the ids deserves a closer look."""
    return max(map(len, cells), default=0) >= 64 or _CONTROL.search("".join(cells)) is not None


def _id_problem(text: str, raw: set[str]) -> str:
    if not text:
        return "missing_record_id"
    if text in raw:
        return "raw_personal_data"
    odd = len(text) > MAX_RECORD_ID_LENGTH or _CONTROL.search(text) or _SHA256.fullmatch(text)
    return "bad_record_id" if odd else ""


def _attribute_problem(text: str, raw: set[str]) -> str:
    if len(text) > MAX_ATTRIBUTE_LENGTH:
        return "too_long"
    if text in raw:
        return "raw_personal_data"
    return "hash_in_attribute" if _SHA256.fullmatch(text) else ""


def _raw(cells: Sequence[str], *, are_ids: bool) -> set[str]:
    """The distinct values that look like an e-mail address or a phone number."""
    values = pa.array(cells, pa.string())
    values = values if are_ids else values.unique()
    if personal_data.find_raw(values, are_ids=are_ids) is None:
        return set()
    return {
        text
        for text in values.unique().to_pylist()
        if personal_data.find_raw(pa.array([text], pa.string()), are_ids=are_ids) is not None
    }
