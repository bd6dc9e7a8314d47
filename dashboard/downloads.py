"""Files behind signed links, mostly CSV: one client, one person, ten minutes, one file each.

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
MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".zip": "application/zip",
}
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}\.(csv|html|json|zip)")


class LinkRefused(Exception):
    """The token was not made here, was changed, or is too old."""


@dataclass(frozen=True)
class Download:
    """What a valid token stands for."""

    client_id: str
    path: Path
    file_name: str
    rows: int

    @property
    def media_type(self) -> str:
        """By the ending of its name."""
        return MEDIA_TYPES[self.path.suffix]


def offer_csv(
    settings: Settings,
    client_id: str,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> str:
    """Write a CSV file for one client and return the signed path it can be fetched from."""
    listed = list(rows)
    content = to_csv(header, listed).encode()
    return offer(settings, client_id, f"{name}.csv", content, rows=len(listed))


def offer(
    settings: Settings, client_id: str, file_name: str, content: bytes, *, rows: int = 0
) -> str:
    """The same for a file that is made already: .csv, .html, .json or .zip."""
    folder = settings.downloads / client_id
    digest = hashlib.sha256(content).hexdigest()[:32]
    _sweep(settings, folder)
    link = f"/download/{_sign(settings, client_id, digest, file_name, rows)}"
    write_whole(folder / f"{digest}{Path(file_name).suffix}", content)
    return link


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
    suffix = Path(claims["name"]).suffix
    path = settings.downloads / claims["client"] / f"{claims['file']}{suffix}"
    return Download(claims["client"], path, claims["name"], int(claims["rows"]))


def _sign(settings: Settings, client_id: str, digest: str, file_name: str, rows: int) -> str:
    if not _FILE_NAME.fullmatch(file_name):
        raise ValueError("a download needs a plain file name")
    return tickets.issue(
        settings, PURPOSE, client=client_id, file=digest, name=file_name, rows=str(rows)
    )


def _safe(cell: object) -> object:
    return unformulated(cell) if isinstance(cell, str) else cell


def _sweep(settings: Settings, folder: Path) -> None:
    """Remove files that no valid link can point to any more."""
    oldest = settings.clock.now().timestamp() - 2 * LIFETIME.total_seconds()
    for path in folder.glob("*.*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
