"""The stored bytes of past nights: sent again as they are, never recomputed; kept 30 days."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from exporters.destinations import Destination, LocalFolder
from exporters.manifests import arrived, manifest_name
from exporters.transports import opened
from matchbook import deliveries, partner_channels
from matchbook.clock import utc_naive
from matchbook.deliveries import Delivery
from matchbook.errors import DestinationError
from matchbook.partner_channels import Channel
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
    day: date,
    destination: Destination | None = None,
) -> list[Delivery]:
    """Send a past day's stored bytes again, over the partner's channel or to a folder.

    What was sent, oldest first: a day with several builds has several files. Without a channel
    and a folder they are put in order where they are stored. Raises DestinationError when
    nothing was delivered on that day or its bytes are gone, or the channel fails.
    """
    stored = stored_folder(settings, client_id, partner_id)
    nights = _delivered_on(settings, client_id, partner_id, day)
    if not nights or any(arrived(stored, done) != done for done in nights):
        raise DestinationError(
            "The file of that night is not stored.",
            kept="Nothing was sent.",
            todo=f"Choose a delivered night of the last {STORED_DAYS} days. One that held somebody "
            "erased since is gone; what the partner holds comes right with the next night.",
        )
    channel = partner_channels.find(settings, client_id, partner_id)
    for done in nights:
        if destination is None and channel is not None and done.channel is not None:
            _send_over(settings, channel, stored, done)
            continue
        for name in _names(settings, done):
            _send(destination or stored, name, stored.folder / name)
    return nights


def _names(settings: Settings, done: Delivery) -> list[str]:
    """What is stored of a delivery, the manifest last."""
    beside = [f"{done.build_id}/{file.name}" for file in deliveries.files(settings, done)]
    return [done.name, *beside, manifest_name(done.name)]


def _send_over(settings: Settings, channel: Channel, stored: LocalFolder, done: Delivery) -> None:
    with opened(settings, channel) as transport:
        for file in deliveries.files(settings, done):
            again = replace(file, requests_done=0, rows_refused=0, sent_at=None)
            transport.send(again, stored.folder / done.build_id / file.name, lambda _: None)


def forget_old_bytes(settings: Settings) -> None:
    """Remove files older than the limit; the ledger keeps their rows."""
    oldest = utc_naive(settings.clock.now()) - timedelta(days=STORED_DAYS)
    for done in deliveries.confirmed(settings):
        if done.as_of < oldest:
            discard(settings, done)


def discard(settings: Settings, delivery: Delivery) -> None:
    """Remove a delivery's stored bytes, the manifest first: without it nothing is complete."""
    stored = stored_folder(settings, delivery.client_id, delivery.partner_id)
    stored.remove(manifest_name(delivery.name))
    stored.remove(delivery.name)
    shutil.rmtree(stored.folder / delivery.build_id, ignore_errors=True)


def forget_old_holdings(settings: Settings, client_id: str, partner_id: str) -> None:
    """Remove every version of a holding but the one in force and the one before it.

    The partner's audiences stand in a folder beside them.
    """
    target = (client_id, partner_id)
    last = deliveries.last_confirmed(settings, *target)
    if last is None:
        return
    before = [path for *owner, _, path in deliveries.held_before(settings, last.load_seq)
              if tuple(owner) == target]  # fmt: skip
    kept = {f"{last.build_id}.parquet", *(path.name for path in before)}
    for old in sorted(deliveries.holdings_folder(settings, *target).iterdir()):
        if old.is_file() and old.name not in kept:
            old.unlink()


def _delivered_on(settings: Settings, client_id: str, partner_id: str, day: date) -> list[Delivery]:
    return [
        done
        for done in deliveries.confirmed(settings)
        if (done.client_id, done.partner_id, done.as_of.date()) == (client_id, partner_id, day)
    ]


def _send(target: Destination, name: str, source: Path) -> None:
    target.write(name, lambda part: _copy(source, part))


def _copy(source: Path, part: Path) -> None:
    shutil.copyfile(source, part)
