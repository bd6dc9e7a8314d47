"""The header: which columns a CRM file has and what each of them means."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from matchbook.crm_files import personal_data
from matchbook.errors import InputRejected

MAX_COLUMNS = 500
MAX_NAME_LENGTH = 63

DEFAULT_PROFILE = "default"

_RECORD_ID = "crm_record_id"
_RECORD_ID_SYNONYMS = (
    "crm_id", "crmid", "custom", "customer_id", "customerid", "customer_number", "extra",
    "klant_id", "klantid", "klantnummer", "record_id", "recordid", "user_id", "userid",
)  # fmt: skip
_CONTACT_ID = "cep_contact_id"
_CONTACT_ID_SYNONYMS = ("cep_id", "cep_user_id", "mapp_contact_id", "mapp_user_id")
_TYPES = {"email": "email", "e_mail": "email", "phone": "phone", "postal": "postal",
          "address": "postal"}  # fmt: skip
_HASH = re.compile(rf"({'|'.join(_TYPES)})_(sha256|md5|sha1|hash(?:ed)?)(?:_([a-z0-9_]{{1,32}}))?")
_HASH_FIRST = re.compile(rf"(sha256|md5|sha1|hashed)_({'|'.join(_TYPES)})")

Kind = Literal["record_id", "cep_contact_id", "identifier", "attribute"]


@dataclass(frozen=True)
class Column:
    """One column: `name` is the attribute's name, `<type>:<profile>` or the id's own name."""

    position: int
    kind: Kind
    name: str
    identifier_type: str = ""
    profile: str = ""


def read_header(cells: list[str], *, mode: str) -> tuple[Column, ...]:
    """The columns of a header row.

    Raises InputRejected: `too_many_columns`, `raw_personal_data` or `header`.
    """
    if len(cells) > MAX_COLUMNS:
        raise _header("too_many_columns", f"The header has more than {MAX_COLUMNS} columns.")
    if any(personal_data.looks_raw(cell) for cell in cells):
        raise personal_data.refused("its first row holds contact data instead of column names")
    names = [normalised(cell) for cell in cells]
    _refuse_raw_columns(names)
    columns = _named_apart(_prefer_exact_id([_column(i, name) for i, name in enumerate(names)]))
    if twice := _twice(columns, names):
        raise _header("header", f"Column {twice + 1} repeats another one. {_found(columns, cells)}")
    kinds = {column.kind for column in columns}
    needed = {"record_id"} if mode != "opt-out" else {"record_id", "identifier"}
    if not kinds & needed:
        raise _header("header", f"There is no crm_record_id column. {_found(columns, cells)}")
    return tuple(columns)


def normalised(cell: str) -> str:
    """A header cell in snake case ASCII; empty when nothing of it is left."""
    text = unicodedata.normalize("NFKD", cell.strip()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _column(position: int, name: str) -> Column:
    if name == _RECORD_ID or name in _RECORD_ID_SYNONYMS:
        return Column(position, "record_id", name)
    if name == _CONTACT_ID or name in _CONTACT_ID_SYNONYMS:
        return Column(position, "cep_contact_id", _CONTACT_ID)
    if found := _HASH.fullmatch(_type_first(name)):
        kind = _TYPES[found[1]]
        profile = found[3] or (DEFAULT_PROFILE if found[2] == "sha256" else found[2])
        return Column(position, "identifier", f"{kind}:{profile}", kind, profile)
    return Column(position, "attribute", name[:MAX_NAME_LENGTH].strip("_"))


def _is_hash(name: str) -> bool:
    return _HASH.fullmatch(_type_first(name)) is not None


def _type_first(name: str) -> str:
    """`hashed_email` as `email_hashed`."""
    found = _HASH_FIRST.fullmatch(name)
    return f"{found[2]}_{found[1]}" if found else name


def _prefer_exact_id(columns: list[Column]) -> list[Column]:
    """With a column called crm_record_id its synonyms are attributes like any other."""
    if not any(column.name == _RECORD_ID for column in columns):
        return [replace(c, name=_RECORD_ID) if c.kind == "record_id" else c for c in columns]
    return [
        replace(c, kind="attribute") if c.kind == "record_id" and c.name != _RECORD_ID else c
        for c in columns
    ]


def _named_apart(columns: list[Column]) -> list[Column]:
    """Attributes without a usable name get one from their position."""
    return [
        replace(c, name=f"column_{c.position + 1}") if c.kind == "attribute" and not c.name else c
        for c in columns
    ]


def _twice(columns: list[Column], names: list[str]) -> int | None:
    seen: set[tuple[str, str]] = set()
    for column in columns:
        key = (column.kind, column.name)
        if key in seen:
            return column.position
        seen.add(key)
    return None


def _refuse_raw_columns(names: list[str]) -> None:
    for position, name in enumerate(names):
        if (name and (kind := personal_data.raw_kind(name))) and not _is_hash(name):
            raise personal_data.refused(f"column {position + 1} is one of {kind}")


def _found(columns: list[Column], cells: list[str]) -> str:
    return found(cells, is_any_known=any(column.kind != "attribute" for column in columns))


def found(cells: list[str], *, is_any_known: bool) -> str:
    """The names found, if the row is a header at all: a first row of data is not repeated."""
    if not is_any_known:
        return f"None of the {len(cells)} names in the first row is known."
    names = [cell.strip() for cell in cells if re.fullmatch(r"[\w .-]{1,30}", cell.strip())]
    hidden = f" and {len(cells) - len(names)} more" if len(names) < len(cells) else ""
    return f"Columns found: {', '.join(names)}{hidden}."


def _header(reason: str, happened: str) -> InputRejected:
    return InputRejected(
        reason,
        happened,
        kept="No row of it was loaded.",
        todo="The first row names the columns: crm_record_id once, email_sha256 and the like.",
    )
