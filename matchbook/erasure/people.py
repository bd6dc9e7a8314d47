"""Who is meant: what a request names, as subjects. Hashes are keyed at once and never kept."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matchbook.erasure.requests import Subject
from matchbook.errors import InputRejected
from matchbook.identifiers import IDENTIFIER_TYPES, canonical_sha256, key_versions
from matchbook.keys import Keys
from matchbook.published_keys import member_key, published_key

RECORD, CONTACT = "crm_record_id", "cep_contact_id"
COLUMNS = (RECORD, CONTACT, *(f"{kind}_sha256" for kind in IDENTIFIER_TYPES))
"""What a file of requests may name persons by, a row each; other columns are not read."""

_MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Person:
    """Somebody a client knows by these subjects; `number` tells persons of one call apart."""

    number: int
    client_id: str
    subjects: tuple[Subject, ...]

    def of(self, kind: str) -> set[str]:
        """The ids of one type."""
        return {subject for other, subject in self.subjects if other == kind}

    @property
    def contacts(self) -> set[int]:
        """CEP contact ids as numbers."""
        return {int(contact) for contact in self.of("cep_contact")}

    @property
    def member_keys(self) -> set[int]:
        """Under which published files know the person."""
        records = {member_key(self.client_id, record) for record in self.of("record")}
        return records | self.visitor_keys

    @property
    def visitor_keys(self) -> set[int]:
        """Under which published files know the person's browsers."""
        return {published_key(self.client_id, visitor) for visitor in self.of("visitor")}


def person(
    keys: Keys, *, record: str = "", contact: str = "", hashes: Iterable[tuple[str, str]] = ()
) -> list[Subject]:
    """A person as subjects. `hashes` are identifier types and SHA-256 hashes, hex or base64.

    Raises InputRejected for what can be none; the value is in no message.
    """
    found = [("record", record.strip())] if record.strip() else []
    if contact.strip():
        found.append(("cep_contact", _contact(contact.strip())))
    for kind, text in hashes:
        found += [("identifier", key) for key in _keys(keys, kind, text)]
    if any(len(subject) > _MOST_CHARACTERS for _, subject in found):
        raise _refused("bad_record_id", "A record id has more than 200 characters.")
    return found


def read(path: Path, keys: Keys) -> list[list[Subject]]:
    """The persons in a CSV with some of COLUMNS. Raises InputRejected, naming the line."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if not set(rows.fieldnames or ()) & set(COLUMNS):
            named = ", ".join(COLUMNS)
            raise _refused("header", f"The file has none of the columns {named}.")
        return list(_people(rows, keys))


def _people(rows: csv.DictReader[str], keys: Keys) -> Iterator[list[Subject]]:
    for row in rows:
        given = {name: (row.get(name) or "").strip() for name in COLUMNS}
        hashes = [
            (kind, given[f"{kind}_sha256"]) for kind in IDENTIFIER_TYPES if given[f"{kind}_sha256"]
        ]
        try:
            found = person(keys, record=given[RECORD], contact=given[CONTACT], hashes=hashes)
        except InputRejected as error:
            raise _refused(error.reason, f"Line {rows.line_num}: {error.happened}") from None
        if not found:
            raise _refused("names_nobody", f"Line {rows.line_num} names nobody.")
        yield found


def _contact(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**63:
        raise _refused("bad_contact_id", "A contact id is not a positive number of 64 bits.")
    return str(int(text))


def _keys(keys: Keys, kind: str, text: str) -> list[str]:
    sha256 = canonical_sha256(text)
    if sha256 is None:
        raise _refused("bad_hash", "What was given is not a SHA-256 hash in hex or base64.")
    return key_versions(keys, kind, sha256)


def _refused(reason: str, happened: str) -> InputRejected:
    todo = "Correct it and enter the request again."
    return InputRejected(reason, happened, kept="Nobody was opted out or erased.", todo=todo)
