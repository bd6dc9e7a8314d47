"""The stored bytes of past nights: sent again as they are, never recomputed; kept 30 days."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from exporters.destinations import Destination, LocalFolder
from exporters.manifests import manifest_name
from matchbook import deliveries
from matchbook.clock import utc_naive
from matchbook.errors import DestinationError
from matchbook.settings import Settings

STORED_DAYS = 30


def stored_folder(settings: Settings, client_id: str, partner_id: str) -> LocalFolder:
    """The local folder: where files go, and where their bytes are kept."""
    return LocalFolder(settings.delivered / client_id / partner_id)


def redeliver(
    settings: Settings,
    *,
    client_id: str,
    partner_id: str,
    build_id: str,
    destination: Destination | None = None,
) -> None:
    """Send a past night's file and manifest again, by default to the local folder.

    Raises DestinationError when that night was not delivered or its bytes are gone.
    """
    stored = stored_folder(settings, client_id, partner_id)
    done = deliveries.find(settings, client_id, partner_id, build_id)
    if done is None or done.state != "confirmed" or stored.sha256(done.name) != done.sha256:
        raise DestinationError(
            "The file of that night is not stored.",
            kept="Nothing was sent.",
            todo=f"Choose a delivered night of the last {STORED_DAYS} days.",
        )
    target = destination or stored
    for name in (done.name, manifest_name(done.name)):
        _send(target, name, stored.folder / name)


def forget_old_bytes(settings: Settings) -> None:
    """Remove files older than the limit; the ledger keeps their rows."""
    oldest = utc_naive(settings.clock.now()) - timedelta(days=STORED_DAYS)
    for done in deliveries.confirmed(settings):
        if done.as_of < oldest:
            stored = stored_folder(settings, done.client_id, done.partner_id)
            stored.remove(done.name)
            stored.remove(manifest_name(done.name))


def forget_old_holdings(settings: Settings, client_id: str, partner_id: str) -> None:
    """Remove every version of a holding but the one in force and the one before it."""
    target = (client_id, partner_id)
    last = deliveries.last_confirmed(settings, *target)
    if last is None:
        return
    before = [path for *owner, _, path in deliveries.held_before(settings, last.load_seq)
              if tuple(owner) == target]  # fmt: skip
    kept = {f"{last.build_id}.parquet", *(path.name for path in before)}
    for old in sorted(deliveries.holdings_folder(settings, *target).iterdir()):
        if old.name not in kept:
            old.unlink()


def _send(target: Destination, name: str, source: Path) -> None:
    target.write(name, lambda part: _copy(source, part))


def _copy(source: Path, part: Path) -> None:
    shutil.copyfile(source, part)
