"""Erasing persons from audiences at partners: what is held of them, and bytes on their way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Set
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matchbook.files import whole_file
from matchbook.pushes import outbox, partner_files, partner_held, targets
from matchbook.pushes.targets import CEP, Target
from matchbook.settings import Settings


def forget(settings: Settings, client_id: str, cookies: Set[str]) -> int:
    """Take cookie ids out of holdings and of pushes that are not over; how many rows went.

    To be asked when `holders` names nobody: who is forgotten is not removed there. A push whose
    bytes held one of them is made anew.
    """
    gone = 0
    for target in _at_partners(settings, client_id):
        held = partner_held.read(settings, target)
        rest = held.filter(pc.invert(_among(held, cookies)))
        if len(rest) < len(held):
            partner_held.replace(settings, target, rest)
            gone += len(held) - len(rest)
        partner_held.tidy(settings, target)
    for path in _on_their_way(settings, client_id):
        gone += _taken_out(settings, path, cookies)
    for path in (settings.home / "pushes" / client_id).glob("*/audience_*.csv"):
        path.unlink()  # of an earlier version, which made one form for all
    return gone


def count(settings: Settings, client_id: str, cookies: Set[str]) -> int:
    """How many rows `forget` would find now."""
    held = [partner_held.read(settings, target) for target in _at_partners(settings, client_id)]
    stored = [pq.read_table(path) for path in _on_their_way(settings, client_id)]
    return sum(_number(table, cookies) for table in (*held, *stored))


def holders(settings: Settings, client_id: str, cookies: Set[str]) -> list[str]:
    """The partners that have one of them in an audience, as far as is known."""
    return sorted({
        target.destination for target in _at_partners(settings, client_id)
        if _number(partner_held.read(settings, target), cookies)
    })  # fmt: skip


def _taken_out(settings: Settings, path: Path, cookies: Set[str]) -> int:
    changes = pq.read_table(path)
    rest = changes.filter(pc.invert(_among(changes, cookies)))
    found = len(changes) - len(rest)
    if found:
        # The files themselves may be packed and encrypted: they are made anew.
        shutil.rmtree(path.parent)
    if found and _is_open(settings, int(path.parent.name)):
        with whole_file(path) as part:
            pq.write_table(rest, part)
    return found


def _is_open(settings: Settings, push_id: int) -> bool:
    return outbox.get(settings, push_id).state in (*outbox.OPEN, *outbox.UNSETTLED)


def _on_their_way(settings: Settings, client_id: str) -> Iterator[Path]:
    folder = settings.home / "pushes" / client_id
    return iter(sorted(folder.glob(f"*/*/{partner_files.CHANGES}")))


def _at_partners(settings: Settings, client_id: str) -> list[Target]:
    found = targets.of_client(settings, client_id)
    return [target for target in found if target.destination != CEP]


def _number(table: pa.Table, cookies: Set[str]) -> int:
    return int(pc.sum(_among(table, cookies)).as_py() or 0)


def _among(table: pa.Table, cookies: Set[str]) -> pa.ChunkedArray:
    return pc.is_in(table["cookie_id"], pa.array(sorted(cookies), pa.string()))
