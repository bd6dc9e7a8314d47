"""CSV exports behind signed links: one client, ten minutes, one file each.

Streamlit's own download button leaves its file readable by anyone who has the URL.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard import tickets
from dashboard.tickets import LIFETIME
from matchbook.files import write_whole
from matchbook.formulas import unformulated
from matchbook.settings import Settings

PURPOSE = "download"
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}\.csv")


class LinkRefused(Exception):
    """The token was not made here, was changed, or is too old."""


@dataclass(frozen=True)
class Download:
    """What a valid token stands for."""

    client_id: str
    path: Path
    file_name: str


def offer_csv(
    settings: Settings,
    client_id: str,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> str:
    """Write a CSV file for one client and return the signed path it can be fetched from."""
    content = to_csv(header, rows).encode()
    folder = settings.downloads / client_id
    digest = hashlib.sha256(content).hexdigest()[:32]
    target = folder / f"{digest}.csv"
    _sweep(settings, folder)
    write_whole(target, content)
    return f"/download/{_sign(settings, client_id, digest, f'{name}.csv')}"


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """RFC 4180 text in which no cell can start a formula in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_safe(cell) for cell in header])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def open_link(settings: Settings, token: str) -> Download:
    """What the token gives access to. Raises LinkRefused."""
    try:
        claims = tickets.read(settings, PURPOSE, token)
    except tickets.TicketRefused:
        raise LinkRefused from None
    path = settings.downloads / claims["client"] / f"{claims['file']}.csv"
    return Download(claims["client"], path, claims["name"])


def _sign(settings: Settings, client_id: str, digest: str, file_name: str) -> str:
    if not _FILE_NAME.fullmatch(file_name):
        raise ValueError("a download needs a plain file name")
    return tickets.issue(settings, PURPOSE, client=client_id, file=digest, name=file_name)


def _safe(cell: object) -> object:
    return unformulated(cell) if isinstance(cell, str) else cell


def _sweep(settings: Settings, folder: Path) -> None:
    """Remove files that no valid link can point to any more."""
    oldest = settings.clock.now().timestamp() - 2 * LIFETIME.total_seconds()
    for path in folder.glob("*.csv"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
