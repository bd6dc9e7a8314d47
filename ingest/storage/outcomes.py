"""What became of files from storages: the ledger of loads says so, or `refused/`."""

from __future__ import annotations

import json

import duckdb

from ingest.landing import printable_name
from ingest.storage.noted import Noted, forget, note, noted
from matchbook.failpoints import failpoint
from matchbook.settings import Settings

_LANDED = "select 1 from raw.loads where file_name = $name and sha256 = $sha256 limit 1"


def note_outcomes(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Note which fetched files are landed or refused by now.

    One that is neither and has left the inbox was taken away by hand; it is fetched again.
    """
    for file in noted(settings):
        if file.status != "fetched" or file.inbox_copy(settings).exists():
            continue
        name = printable_name(str(file.inbox_copy(settings).relative_to(settings.inbox)))
        if connection.execute(_LANDED, {"name": name, "sha256": file.sha256}).fetchone():
            note(settings, file, status="landed")
        elif (erase := _refused(settings, file, name)) is not None:
            note(settings, file, status="refused", erase=erase)
        else:
            forget(settings, file)
        failpoint("storage.outcome_noted")


def _refused(settings: Settings, file: Noted, name: str) -> bool | None:
    """Whether it was refused for raw personal data; None when it was not refused."""
    for path in settings.refused.glob(f"*-{(file.sha256 or '')[:12]}-*.reason.json"):
        told = json.loads(path.read_text())
        if told["file_name"] == name:
            return bool(told["reason"] == "raw_personal_data")
    return None
