"""Erased persons on the way out: who still has to be told, what partners were told, what is
stored of them here. Each file is read once, whatever the number of persons.

Persons are a client's CRM record ids by a number that tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq

from exporters.stored import discard, stored_folder
from matchbook import deliveries, partner_channels
from matchbook.delivery_rows import Delivery
from matchbook.files import whole_file
from matchbook.registry import Registry
from matchbook.settings import Settings

Persons = Mapping[int, set[str]]

_TEXTS = {"crm_record_id": pa.string(), "action": pa.string()}


@dataclass(frozen=True)
class Told:
    """What one partner was told of a person."""

    partner_id: str
    how: str
    """removed (it took the removals), unable (it has no way to remove; what it got stays there),
    not_reached (it did not take them in time) or never_had (nothing to tell)."""
    pairs: int
    """Removals in files since the request."""
    at: datetime | None = None
    """When it took the last of them, naive UTC."""


@dataclass(frozen=True)
class _InFile:
    """How many rows of a person a stored nightly file has."""

    number: int
    delivery: Delivery
    rows: int
    removals: int


def waiting(settings: Settings, client_id: str, persons: Persons) -> dict[int, list[str]]:
    """By person the partners that hold it as far as is known, or may have got a file that adds
    it: they are still to be told."""
    found: dict[int, set[str]] = {number: set() for number in persons}
    for holding in deliveries.held(settings):
        if holding.client_id == client_id:
            for number in _rows_of(pq.read_table(holding.path), persons):
                found[number].add(holding.partner_id)
    for one in _in_files(settings, client_id, persons, only_open=True):
        found[one.number].add(one.delivery.partner_id)
    return {number: sorted(partners) for number, partners in found.items()}


def survey(
    settings: Settings, registry: Registry, client_id: str, persons: Persons, since: datetime
) -> dict[int, tuple[dict[str, int], list[Told]]]:
    """By person: how much of it is stored, and what each of the client's partners was told since.

    The time is naive UTC. A partner that cannot remove is named whether it is known to have got
    the person or not.
    """
    in_files = list(_in_files(settings, client_id, persons))
    held: dict[int, int] = dict.fromkeys(persons, 0)
    for path in _holdings(settings, client_id):
        for number, rows in _rows_of(pq.read_table(path), persons).items():
            held[number] += len(rows)
    late = waiting(settings, client_id, persons)
    partners = {
        p.partner_id for c in registry.clients if c.client_id == client_id for p in c.partners
    }
    how_not = {p: _is_unable(settings, client_id, p) for p in partners}
    found = {}
    for number in persons:
        own = [one for one in in_files if one.number == number]
        stored = {"stored_files": len(own), "held_pairs": held[number]}
        told = [_told(p, own, late[number], how_not[p], since) for p in sorted(partners)]
        found[number] = (stored, told)
    return found


def forget(settings: Settings, client_id: str, *, records: set[str]) -> dict[str, int]:
    """Remove stored nightly files that hold one of the records, and the records from what is
    noted as held: how many of each. A discarded night can't be sent again."""
    files = {
        (one.delivery.partner_id, one.delivery.build_id): one.delivery
        for one in _in_files(settings, client_id, {0: records})
    }
    for done in files.values():
        discard(settings, done)
    pairs = sum(_without(path, records) for path in _holdings(settings, client_id))
    for holding in deliveries.held(settings):
        if holding.client_id == client_id:
            left = pq.read_metadata(holding.path).num_rows
            deliveries.recount_holding(settings, client_id, holding.partner_id, left)
    return {"stored_files": len(files), "held_pairs": pairs}


def pairs(settings: Settings, client_id: str, records: set[str]) -> list[dict[str, Any]]:
    """What each partner holds of a person, as far as is known: pairs, since when, until when."""
    return [
        {"partner_id": holding.partner_id, **row}
        for holding in deliveries.held(settings)
        if holding.client_id == client_id
        for rows in _rows_of(pq.read_table(holding.path), {0: records}).values()
        for row in rows
    ]


def _told(
    partner: str, in_files: list[_InFile], late: list[str], is_unable: bool, since: datetime
) -> Told:
    own = [one for one in in_files if one.delivery.partner_id == partner]
    taken = [
        one for one in own
        if one.delivery.is_taken and one.delivery.planned_at and one.delivery.planned_at >= since
    ]  # fmt: skip
    how = "removed" if own else "never_had"
    if partner in late:
        how = "not_reached"
    at = max(
        (one.delivery.confirmed_at for one in taken if one.delivery.confirmed_at), default=None
    )
    return Told(partner, "unable" if is_unable else how, sum(one.removals for one in taken), at)


def _is_unable(settings: Settings, client_id: str, partner: str) -> bool:
    channel = partner_channels.find(settings, client_id, partner)
    profile = channel.profile if channel else partner_channels.partner(partner).delivery
    return profile.removals.how == "unable"


def _in_files(
    settings: Settings, client_id: str, persons: Persons, *, only_open: bool = False
) -> Iterator[_InFile]:
    """Where persons stand in stored files: of all deliveries, or of those whose fate is open."""
    options = pv.ConvertOptions(column_types=_TEXTS, include_columns=list(_TEXTS))
    for done in deliveries.of_client(settings, client_id):
        is_open = not done.is_taken and done.state in ("sent", "unknown")
        path = stored_folder(settings, client_id, done.partner_id).folder / done.name
        if path.exists() and (is_open or not only_open):
            rows = pv.read_csv(path, convert_options=options)
            for number, own in _rows_of(rows, persons).items():
                removals = sum(row["action"] == "remove" for row in own)
                yield _InFile(number, done, len(own), removals)


def _rows_of(rows: pa.Table, persons: Persons) -> dict[int, list[dict[str, Any]]]:
    """The rows of each person who has any."""
    owners = {record: number for number, records in persons.items() for record in records}
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.filter(_is_among(rows, set(owners))).to_pylist():
        found.setdefault(owners[row["crm_record_id"]], []).append(row)
    return found


def _holdings(settings: Settings, client_id: str) -> list[Path]:
    # Those of audiences stand a level below.
    return sorted((settings.holdings / client_id).glob("*/*.parquet"))


def _without(path: Path, records: set[str]) -> int:
    rows = pq.read_table(path)
    rest = rows.filter(pc.invert(_is_among(rows, records)))
    if len(rest) < len(rows):
        with whole_file(path) as part:
            pq.write_table(rest, part)
            part.chmod(0o440)
    return len(rows) - len(rest)


def _is_among(rows: pa.Table, records: set[str]) -> pa.ChunkedArray:
    return pc.is_in(rows["crm_record_id"], pa.array(sorted(records), pa.string()))
