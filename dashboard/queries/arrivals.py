"""CRM files on their way: those that wait for the night, and those it refused."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

from matchbook.clock import utc_naive
from matchbook.crm_files import parse_onboard_path
from matchbook.crm_files.handover import marker_path, read_handover
from matchbook.errors import InputRejected
from matchbook.settings import Settings

TOLD_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Waiting:
    """A file in the inbox; `since` is naive UTC."""

    list_id: str
    mode: str
    since: datetime
    uploaded_by: str


@dataclass(frozen=True)
class Refused:
    """A file that was refused whole, and why; `refused_at` is naive UTC."""

    list_id: str
    refused_at: datetime
    happened: str
    todo: str


def waiting(settings: Settings, list_ids: Collection[str]) -> list[Waiting]:
    """Whole files that the next run lands, the oldest first."""
    found = []
    for path in (settings.inbox / "onboard").rglob("*.csv*"):
        list_id, mode = _meant_for(path)
        if list_id not in list_ids or not marker_path(path).exists():
            continue
        with suppress(FileNotFoundError):  # landed while we look
            since = utc_naive(datetime.fromtimestamp(path.stat().st_mtime, UTC))
            found.append(Waiting(list_id, mode, since, read_handover(path).uploaded_by or ""))
    return sorted(found, key=lambda file: file.since)


def refused(settings: Settings, list_ids: Collection[str]) -> list[Refused]:
    """Files refused in the last two weeks, the newest first."""
    since = settings.clock.now() - TOLD_FOR
    found = [
        Refused(list_id, utc_naive(at), told["happened"], told["todo"])
        for told in _reasons(settings)
        if (list_id := _meant_for(PurePath(told["file_name"]))[0]) in list_ids
        and (at := datetime.fromisoformat(told["refused_at"])) >= since
    ]
    return sorted(found, key=lambda file: file.refused_at, reverse=True)


def _reasons(settings: Settings) -> Iterator[dict[str, str]]:
    for path in settings.refused.glob("*.reason.json"):
        with suppress(FileNotFoundError):  # taken away while we look
            told = path.read_text(encoding="utf-8")
            yield json.loads(told)


def _meant_for(path: Path | PurePath) -> tuple[str, str]:
    """List and mode by the file's place; empty for what is no CRM file."""
    try:
        return parse_onboard_path(path)
    except InputRejected:
        return "", ""
