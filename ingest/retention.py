"""What ingest keeps long enough: rows of the lake by their load, and refused files.

The ledger and its accounts stay: they count lines and name nobody.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from ingest.erasing.lake import files_of
from ingest.landing import ROW_TABLES
from matchbook import retention
from matchbook.failpoints import failpoint
from matchbook.settings import Settings

_WITH_PERSONS = tuple(name for name in ROW_TABLES if name not in ("line_outcomes", "load_columns"))

_REASON = ".reason.json"


def rows_are_due(settings: Settings) -> bool:
    """Whether a load's rows are too old, or were removed and the warehouse has them still."""
    too_old = retention.expires(settings, retention.ROWS)
    return _marker(settings).exists() or bool(_files(settings, too_old))


def forget_old_rows(settings: Settings) -> int:
    """Remove the rows of loads that are too old or soon will be; how many files.

    The warehouse is to be made anew then; `done` says that it is.
    """
    kept = retention.ROWS - retention.REMOVED_TOGETHER
    files = _files(settings, retention.expires(settings, kept))
    _marker(settings).touch()
    for path in files:
        path.unlink()
    failpoint("retention.rows_gone")
    return len(files)


def done(settings: Settings) -> None:
    """The warehouse and what is published have been made without the removed rows."""
    _marker(settings).unlink(missing_ok=True)


def forget_refused(settings: Settings) -> int:
    """Remove refused files a week after they were refused, and later the reasons; how many."""
    gone = 0
    for path in sorted(settings.refused.glob("*")):
        kept = retention.ROWS if path.name.endswith(_REASON) else retention.REFUSED
        # Their names begin with the moment; a clock that was set does not mend a file's own time.
        if path.name[:8] < retention.expires(settings, kept).strftime("%Y%m%d"):
            path.unlink()
            gone += 1
    return gone


def _files(settings: Settings, landed_before: datetime) -> list[Path]:
    """Files of rows of the loads that landed before, oldest first."""
    found = []
    by_load: dict[str, list[Path]] = {}
    for table in _WITH_PERSONS:
        for path in files_of(settings, table):
            by_load.setdefault(path.stem, []).append(path)
    for stem, files in sorted(by_load.items()):
        if _landed_at(settings, stem) >= landed_before:
            break  # loads come one after the other
        found += files
    return found


def _marker(settings: Settings) -> Path:
    return settings.lake / "rows_removed"


def _landed_at(settings: Settings, stem: str) -> datetime:
    entry = pq.read_table(settings.lake / "loads" / f"{stem}.parquet", columns=["landed_at"])
    moment: datetime = entry["landed_at"][0].as_py()
    return moment
