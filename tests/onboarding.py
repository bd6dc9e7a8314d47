"""A home whose client has a storage location, and rounds of picking up from it."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.landing import LoadResult
from ingest.storage import Poll, clear, fetch, is_landing_due
from matchbook import registry
from matchbook.cli.night import land_waiting
from matchbook.registry import Client, CrmList, Registry, StorageLocation
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

DROP = "onboard/audience=news/opt-in"
FIRST, SECOND, THIRD = (f"{DROP}/2026112{n}_020000.csv" for n in (0, 1, 2))


def contacts(*names: str) -> bytes:
    """A CRM file; one row per name."""
    rows = [f"{name},{hashlib.sha256(name.encode()).hexdigest()}" for name in names]
    return "\n".join(["crm_record_id,email_sha256", *rows, ""]).encode()


@dataclass
class Round:
    """What one round did."""

    polls: list[Poll]
    loads: list[LoadResult]
    reasons: dict[str, str] = field(default_factory=dict)
    """Path → reason of each problem; the location's own has an empty path."""


def register(settings: Settings, *locations: StorageLocation) -> Registry:
    """Two clients; all the locations are the first one's, and so is the list `news`."""
    document = Registry(
        clients=(
            Client(client_id="acme", name="Acme", storage=locations),
            Client(client_id="other", name="Other"),
        ),
        lists=(
            CrmList(list_id="news", client_id="acme", name="News"),
            CrmList(list_id="theirs", client_id="other", name="Theirs"),
        ),
    )
    return registry.replace(settings, document, by="test")


def at(url: str, location_id: str = "drop", **fields: Any) -> StorageLocation:
    """A storage location."""
    return StorageLocation(location_id=location_id, url=url, **fields)


def onboard(settings: Settings) -> Round:
    """Fetch, land, clear: one round as `matchbook onboard --once` does it."""
    document = registry.current(settings)
    polls = fetch(settings, document)
    due = is_landing_due(settings)
    loads = land_waiting(settings, say=lambda _: None) if due else []
    clear(settings, document, polls)
    problems = [problem for poll in polls for problem in poll.problems]
    return Round(polls, loads, {problem.path: problem.reason for problem in problems})


def put(folder: Path, path: str, content: bytes, *, done: bool = True, age: float = 0) -> Path:
    """A file in a folder that stands for a storage; with its `.done`, or this old."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    then = time.time() - age
    os.utime(file, (then, then))
    if done:
        file.with_name(file.name + ".done").touch()
    return file


def secret(settings: Settings, name: str, content: str) -> str:
    """A 0600 file for it, and how a location names that."""
    path = settings.keys / "storage" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o600)
    return f"file:{name}"


def left(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def ledger(settings: Settings) -> list[tuple[Any, ...]]:
    """File name, accepted and duplicate lines of every load."""
    with open_warehouse(settings) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(
            "select split_part(file_name, '/', -1), accepted, duplicate from raw.loads "
            "order by load_seq"
        ).fetchall()
    return rows


def real_time(settings: Settings) -> Settings:
    """The same home with a clock that goes."""
    return replace(settings, now=None)
