"""CSV exports behind signed links: one client, ten minutes, one file each.

Streamlit's own download button leaves its file readable by anyone who has the URL.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from matchbook.files import write_whole
from matchbook.keys import load_keys
from matchbook.settings import Settings

LIFETIME = timedelta(minutes=10)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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
        body, signature = token.split(".")
        given = base64.urlsafe_b64decode(signature + "==")
        if not hmac.compare_digest(given, _signature(settings, body)):
            raise LinkRefused
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, TypeError):
        raise LinkRefused from None
    if settings.clock.now().timestamp() > claims["until"]:
        raise LinkRefused
    path = settings.downloads / claims["client"] / f"{claims['file']}.csv"
    return Download(claims["client"], path, claims["name"])


def _sign(settings: Settings, client_id: str, digest: str, file_name: str) -> str:
    if not _FILE_NAME.fullmatch(file_name):
        raise ValueError("a download needs a plain file name")
    until = int((settings.clock.now() + LIFETIME).timestamp())
    claims = {"client": client_id, "file": digest, "name": file_name, "until": until}
    body = base64.urlsafe_b64encode(json.dumps(claims, sort_keys=True).encode()).rstrip(b"=")
    signature = base64.urlsafe_b64encode(_signature(settings, body.decode())).rstrip(b"=")
    return f"{body.decode()}.{signature.decode()}"


def _signature(settings: Settings, body: str) -> bytes:
    # The purpose is part of what is signed: a signed e-mail link is not a download link.
    key = load_keys(settings.keys).links
    return hmac.digest(key, b"download\0" + body.encode(), "sha256")


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _sweep(settings: Settings, folder: Path) -> None:
    """Remove files that no valid link can point to any more."""
    oldest = settings.clock.now().timestamp() - 2 * LIFETIME.total_seconds()
    for path in folder.glob("*.csv"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
