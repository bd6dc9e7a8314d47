"""A batch of rows hashed: the lines of the hashed file, and of the report."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress

from ingest.hashing import identifiers
from ingest.hashing.cells import attribute_cells, contact_ids, record_ids
from ingest.hashing.columns import ADDRESS_FIELDS, Columns
from ingest.hashing.reading import Lines
from ingest.hashing.report import Report
from matchbook.crm_files.numbered import RecordBatch

_SPECIAL = re.compile('[",\r\n]')
_NAMELESS = "-"
"""The mark of a row that opts somebody out by identifiers alone."""

Table = list[list[str]]
"""Columns of equal length."""


@dataclass
class Batch:
    """What became of some rows. Bytes, as that is what travels between processes fastest."""

    rows: bytes = b""
    report: bytes = b""
    read: int = 0
    written: int = 0
    """Rows kept; a second address or number of a row is one more line, and no row."""
    hashes: Counter[str] = field(default_factory=Counter)
    """By column of the hashed file."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Of rows and cells that were left out, and of repairs."""


def hash_part(
    part: Lines | RecordBatch, *, columns: Columns, region: str | None, mode: str
) -> Batch:
    """Hash the rows of a part of a file."""
    records = part.records() if isinstance(part, Lines) else part
    cells, lines, broken = records.cells, records.lines, records.broken
    report = Report(lines, broken)
    if not set(map(len, cells)) <= {columns.width}:
        cells = report.whole(cells, columns.width)
    given = _trimmed(cells, columns.width)
    maker = _Maker(given, columns, region, report, is_opt_out=mode == "opt-out")
    tables = maker.tables()
    return Batch(
        rows=_written(tables),
        report=as_csv(report.rows()),
        read=len(lines) + len(broken),
        written=len(cells) - tables[0].kept.count(""),
        hashes=_counted(tables, columns),
        reasons=report.reasons,
    )


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as they stand in a file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@dataclass(frozen=True)
class _Rows:
    """Columns of rows to write, and a mark for each row: without one it is left out."""

    kept: list[str]
    columns: Table


class _Maker:
    """Makes the columns to write from the columns given."""

    def __init__(
        self,
        given: Table,
        columns: Columns,
        region: str | None,
        report: Report,
        *,
        is_opt_out: bool,
    ) -> None:
        self._given = given
        self._columns = columns
        self._region = region
        self._report = report
        self._is_opt_out = is_opt_out
        self._blank = [""] * len(given[0])
        [named] = [given[i] for i in columns.fields.get("crm_record_id", ())] or [self._blank]
        self._ids = record_ids(named, report.refuse("row"), may_lack=is_opt_out)
        self._kept = self._ids
        if is_opt_out:
            self._kept = [
                i or _NAMELESS * (not raw) for i, raw in zip(self._ids, named, strict=True)
            ]

    def tables(self) -> list[_Rows]:
        """First the rows; then, as rows of their own, their further addresses and numbers."""
        emails = [
            identifiers.email_hashes(cells, self._report.refuse("email"))
            for cells in self._all("email")
        ]
        phones = [self._phones(cells) for cells in self._all("phone")]
        postal, hashed, contacts = self._postal(), self._hashed(), self._contacts()
        self._reject_unusable([*chain(*emails, *phones), *postal, *hashed, *contacts])
        rest = hashed + self._attributes()
        ids = [self._ids] if "crm_record_id" in self._columns.fields else []
        tables = []
        for n in range(max(len(emails), len(phones), 1)):
            found = [*self._nth(emails, n), *self._nth(phones, n)]
            if n == 0:
                tables.append(_Rows(self._kept, [*ids, *contacts, *found, *postal, *rest]))
                continue
            kept = [k if any(f) else "" for k, *f in zip(self._kept, *found, strict=True)]
            before, after = [self._blank] * len(contacts), [self._blank] * len(postal + rest)
            tables.append(_Rows(kept, [*ids, *before, *found, *after]))
        return tables

    def _all(self, name: str) -> Table:
        return [self._of(i) for i in self._columns.fields.get(name, ())]

    def _of(self, place: int) -> list[str]:
        """The cells of rows that are kept: of others nothing more is said."""
        cells = self._given[place]
        if "" not in self._kept:
            return cells
        return [cell if mark else "" for mark, cell in zip(self._kept, cells, strict=True)]

    def _phones(self, cells: list[str]) -> Table:
        refuse, repaired = self._report.refuse("phone"), self._report.repair("phone")
        return [identifiers.phone_hashes(cells, refuse, repaired, region=self._region)]

    def _contacts(self) -> Table:
        refuse = self._report.refuse("cep_contact_id")
        return [contact_ids(cells, refuse) for cells in self._all("cep_contact_id")]

    def _postal(self) -> Table:
        refuse, region = self._report.refuse("postal"), self._region
        if self._columns.has_address:
            parts = [(self._all(name) or [self._blank])[0] for name in ADDRESS_FIELDS]
            return [identifiers.address_hashes(parts, refuse, region=region)]
        return [
            identifiers.postal_hashes(cells, refuse, region=region) for cells in self._all("postal")
        ]

    def _hashed(self) -> Table:
        return [
            identifiers.canonical_hashes(self._of(i), self._report.refuse(name))
            for name, i in self._columns.hashed.items()
        ]

    def _attributes(self) -> Table:
        return [
            attribute_cells(self._of(i), self._report.refuse("attribute"))
            for i in self._columns.attributes.values()
        ]

    def _reject_unusable(self, made: Table) -> None:
        """Rows whose identifiers are all refused, and opt-outs of nobody: as landing has it."""
        if self._is_opt_out:
            nameless = (i for i, mark in enumerate(self._kept) if mark == _NAMELESS)
            suspects = dict.fromkeys(nameless, "missing_record_id")
        else:
            suspects = self._report.first_refusals()
        reasons = {
            place: reason
            for place, reason in suspects.items()
            if not any(column[place] for column in made)
        }
        self._report.reject(reasons)
        for place in reasons:
            self._kept[place] = ""

    def _nth(self, made: list[Table], n: int) -> Table:
        """The n-th columns of a type, or as many blank ones."""
        if n < len(made):
            return made[n]
        return [self._blank for _ in (made[0] if made else [])]


def _trimmed(cells: list[list[str]], width: int) -> Table:
    if not cells:
        return [[] for _ in range(width)]
    return [list(map(str.strip, column)) for column in zip(*cells, strict=True)]


def _written(tables: list[_Rows]) -> bytes:
    """The rows to write, each followed by its further ones; none without its mark.

    By joining, at a third of a csv writer's cost: most columns are hashes.
    """
    quoted = [[_quoted(column) for column in table.columns] for table in tables]
    if len(tables) == 1 and "" not in tables[0].kept:
        rows: Iterable[Sequence[str]] = zip(*quoted[0], strict=True)
    else:
        marks = zip(*(table.kept for table in tables), strict=True)
        each = zip(*(zip(*columns, strict=True) for columns in quoted), strict=True)
        rows = chain.from_iterable(map(compress, each, marks))
    return "".join([",".join(row) + "\n" for row in rows]).encode()


def _quoted(column: list[str]) -> list[str]:
    """The cells as they stand in a CSV file."""
    if not _SPECIAL.search("".join(column)):
        return column
    return [
        '"' + cell.replace('"', '""') + '"' if _SPECIAL.search(cell) else cell for cell in column
    ]


def _counted(tables: list[_Rows], columns: Columns) -> Counter[str]:
    counts = Counter[str]()
    for table in tables:
        for name, cells in zip(columns.header(), table.columns, strict=True):
            if columns.is_hash(name):
                counts[name] += len(cells) - cells.count("")
    return counts
