"""`matchbook objects`: the lake, snapshots and log segments by way of an object store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from matchbook.cli.app import App, command
from matchbook.clock import Clock
from matchbook.copies import FOLDERS, pull, push
from matchbook.errors import ConfigError, StorageUnavailable
from matchbook.object_store import ObjectStore
from matchbook.segments_away import send, settle, take
from matchbook.settings import Settings
from matchbook.warehouse import run_lock


@click.group()
def objects() -> None:
    """The object store that MATCHBOOK_OBJECTS names."""


@command("push", example="matchbook objects push")
def push_all(app: App) -> None:
    """Copy the lake and the snapshots there, as each night does when it has published."""
    with run_lock(app.settings, command="matchbook objects push"):
        done = copy_out(app.settings, _store(app.settings))
    app.emit(done, f"Copied {done['files']:,} files, {done['bytes']:,} bytes.")


@command("pull", example="matchbook objects pull --snapshots")
@click.option("--snapshots", is_flag=True, help="Only these: for a home that only reads.")
def pull_all(app: App, snapshots: bool) -> None:
    """Bring here what is there and missing here; then `matchbook rebuild` makes the warehouse."""
    folders = FOLDERS[1:] if snapshots else FOLDERS
    with run_lock(app.settings, command="matchbook objects pull"):
        done = pull(app.settings, _store(app.settings), folders)
    app.emit(asdict(done), f"Fetched {done.files:,} files, {done.bytes:,} bytes.")


@command("send", example="matchbook objects send          (cron, beside each collector)")
def send_segments(app: App) -> None:
    """Send a collector's closed segments there; the next night lands them."""
    sent = send(app.settings, _store(app.settings))
    app.emit({"segments": sent}, f"Sent {sent:,} segments.")


for _command in (push_all, pull_all, send_segments):
    objects.add_command(_command)


def take_in(settings: Settings) -> int:
    """The step of a night before landing: segments that collectors sent; how many."""
    try:
        return take(settings, _store(settings))
    except StorageUnavailable:
        return 0  # they stay there for the next night


def copy_out(settings: Settings, store: ObjectStore | None = None) -> dict[str, Any]:
    """The step of a night after publishing. Raises StorageUnavailable."""
    store = store or _store(settings)
    done = push(settings, store)
    return {**asdict(done), "segments": settle(settings, store)}


def copy_out_or_tell(settings: Settings) -> dict[str, Any]:
    """The same, where a store that is away holds up nothing: the next night copies the rest."""
    try:
        return copy_out(settings)
    except StorageUnavailable as error:
        return {"problem": error.happened}


def _store(settings: Settings) -> ObjectStore:
    if not settings.objects:
        raise ConfigError("No object store is named.", todo="Set MATCHBOOK_OBJECTS to one.")
    # Whatever time a run pretends it is, waiting for another system takes real time.
    return ObjectStore(settings.objects, Clock())
