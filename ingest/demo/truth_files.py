"""Writes what really happened as Parquet under `truth/`, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.demo.companies import COMPANIES
from ingest.demo.options import WorldOptions
from ingest.demo.people import NEVER, Records, record_id
from ingest.demo.randomness import Ints, Texts


@dataclass(frozen=True)
class Evidence:
    """Calls of one day that carry an identifier or a contact id, and a cookie."""

    client_id: str
    via: str
    """email | phone | postal | contact."""
    visitor: Texts
    number: Ints
    delay: Ints
    withheld: Texts
    """Why it may not be used, or ''."""


def write_records(folder: Path, options: WorldOptions, records: dict[str, Records]) -> None:
    """Who stands behind each CRM record, and when it came and went."""
    tables = [
        pa.table(
            {
                "client_id": as_text([company.client_id] * len(found.person)),
                "crm_record_id": as_text([record_id(company, n) for n in found.number.tolist()]),
                "person_id": found.person,
                "email": found.email,
                "phone": found.phone,
                "postal": found.postal,
                "contact": found.contact,
                "is_loyalty": found.is_loyalty,
                "live_from": _dates(options, found.created_day),
                "left_on": _dates(options, found.left_day),
            }
        )
        for company, found in ((c, records[c.client_id]) for c in COMPANIES)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables(tables), folder / "records.parquet")


class TruthWriter:
    """Collects some days' truth and writes it beside that of other days."""

    def __init__(self, folder: Path, options: WorldOptions) -> None:
        self.folder = folder
        self.options = options
        self.tables: dict[str, list[pa.Table]] = {}

    def add_uses(self, day: int, browser: Ints, visitor: Texts, person: Ints) -> None:
        """Who used which browser on a day."""
        seen = np.asarray(visitor != "", dtype=np.bool_)
        self._add("uses", day, visitor_id=visitor[seen], browser_id=browser[seen],
                  person_id=person[seen])  # fmt: skip

    def add_evidence(self, day: int, evidence: Iterable[Evidence]) -> None:
        """What a day's calls gave away."""
        for found in evidence:
            landed = _dates(self.options, day + found.delay)
            self._add(
                "evidence",
                day,
                client_id=[found.client_id] * len(landed),
                via=[found.via] * len(landed),
                visitor_id=found.visitor,
                number=found.number,
                withheld=found.withheld,
                landed_date=landed,
            )

    def add_withdrawals(self, day: int, visitor: Texts) -> None:
        """Browsers that opted out."""
        self._add("withdrawals", day, visitor_id=visitor)

    def add_clicks(self, day: int, client_id: str, origins: Ints) -> None:
        """Where a day's clicks came from."""
        self._add("clicks", day, client_id=[client_id] * len(origins), origin=origins)

    def add_lines(self, day: int, client_id: str, delay: Ints) -> None:
        """How many of a day's lines land how late."""
        days, lines = np.unique(delay, return_counts=True)
        self._add("lines", day, stream=[client_id] * len(days), delay=days, lines=lines)

    def flush(self, first: int, last: int) -> None:
        """Write what was added as one file per table."""
        for name, tables in self.tables.items():
            path = self.folder / name / f"{first:05d}-{last:05d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.concat_tables(tables), path, compression="zstd")
        self.tables = {}

    def _add(self, name: str, day: int, **columns: Any) -> None:
        columns = {
            key: as_text(values) if _is_text(values) else values for key, values in columns.items()
        }
        size = len(next(iter(columns.values())))
        hit_date = pa.array([self.options.date_of(day)] * size, pa.date32())
        self.tables.setdefault(name, []).append(pa.table(columns | {"hit_date": hit_date}))


def as_text(values: Any) -> pa.Array:
    """Strings as a column, also when there are none."""
    return pa.array(values, pa.string())


def _is_text(values: Any) -> bool:
    return isinstance(values, list) or getattr(values, "dtype", None) == np.object_


def _dates(options: WorldOptions, days: Ints) -> pa.Array:
    """Dates of days; of days that never come, ten years on."""
    first = np.datetime64(options.date_of(0), "D")
    return pa.array(first + np.where(days < NEVER, days, options.days + 3650), pa.date32())
