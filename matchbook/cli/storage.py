"""`matchbook storage`: where clients put their CRM files for us to pick up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from matchbook import registry
from matchbook import storage as owner
from matchbook.cli.app import App, command
from matchbook.cli.loads import as_data
from matchbook.errors import StorageUnavailable
from matchbook.jobs import Job
from matchbook.settings import Settings

_location = click.argument("location")
_by = click.option("--by", default="command line", help="Who changes it, for the history.")


@click.group()
def storage() -> None:
    """Storage locations: folders, S3 buckets and SFTP servers of clients."""


@command("list", example="matchbook storage list")
def list_locations(app: App) -> None:
    """Every location: whose, where, paused or not, and how its last poll went."""
    polls = owner.last_polls(app.settings)
    rows: list[dict[str, Any]] = []
    for client in registry.current(app.settings).clients:
        for location in client.storage:
            last = polls.get(location.location_id)
            rows.append({"client_id": client.client_id, **as_data(location), "last_poll": last})
    table = Table(box=None, pad_edge=False)
    for name in ("location", "client", "url", "after", "state", "last poll"):
        table.add_column(name, overflow="fold")
    for row in rows:
        state = "paused" if row["paused"] else "active"
        table.add_row(row["location_id"], row["client_id"], row["url"], row["after"], state,
                      _last(row["last_poll"]))  # fmt: skip
    app.emit({"storage": rows}, table)


@command(
    "add",
    example="matchbook storage add oakhouse oakhouse-drop sftp://mb@files.oakhouse.example/out "
    "--credentials file:oakhouse-drop",
)
@click.argument("client")
@_location
@click.argument("url")
@click.option("--after", type=click.Choice(["delete", "archive"]), default="delete",
              help="What becomes of a file there once it is landed or refused.")  # fmt: skip
@click.option(
    "--credentials",
    metavar="REFERENCE",
    help="env:MATCHBOOK_STORAGE_…, or file:NAME for keys/storage/NAME (0600).",
)
@click.option("--endpoint", help="Of an S3 API that is not Amazon's: https://host[:port].")
@_by
def add(
    app: App, client: str, location: str, url: str, after: str, credentials: str | None,
    endpoint: str | None, by: str,
) -> None:  # fmt: skip
    """Enter a location: file:///folder, s3://bucket/folder or sftp://user@host/folder.

    The secret itself is never given here. It is an S3 access key as `id:secret`, or for SFTP a
    private key or a password; the server's host key must be in keys/known_hosts.
    """
    if url.startswith("/"):
        url = Path(url).as_uri()
    fields = {"location_id": location, "url": url, "after": after, "credentials": credentials,
              "endpoint": endpoint}  # fmt: skip
    made = owner.add(app.settings, client, fields, by=by)
    told = f"{made.location_id}: entered. Now: matchbook storage test {made.location_id}"
    app.emit({"client_id": client, **as_data(made)}, told)


@command("pause", example="matchbook storage pause oakhouse-drop")
@_location
@_by
def pause(app: App, location: str, by: str) -> None:
    """Leave a location alone; what was copied from it still lands."""
    made = owner.pause(app.settings, location, by=by)
    app.emit(as_data(made), f"{location}: paused.")


@command("resume", example="matchbook storage resume oakhouse-drop")
@_location
@_by
def resume(app: App, location: str, by: str) -> None:
    """Poll a paused location again."""
    made = owner.resume(app.settings, location, by=by)
    app.emit(as_data(made), f"{location}: polled again.")


@command("remove", example="matchbook storage remove oakhouse-drop")
@_location
@_by
def remove(app: App, location: str, by: str) -> None:
    """Forget a location; the files in it stay."""
    owner.remove(app.settings, location, by=by)
    app.emit({"location_id": location}, f"{location}: no longer polled.")


@command("test", example="matchbook storage test oakhouse-drop")
@_location
def test(app: App, location: str) -> None:
    """Connect and look, changing nothing; ends with exit code 74 if that fails."""
    test_location(app, location)


for _command in (list_locations, add, pause, resume, remove, test):
    storage.add_command(_command)


def test_location(app: App, location_id: str) -> None:
    """What `storage test` and `onboard --test` do."""
    from ingest.storage import test as look

    document = registry.current(app.settings)
    client_id, location = owner.find(document, location_id)
    poll = look(app.settings, document, client_id, location)
    files = f"{len(poll.waiting)} file{'s' * (len(poll.waiting) != 1)} there"
    told = [f"{location_id}: can be read, {files}."] if poll.is_reached else []
    app.emit(as_data(poll), *told, *(line for p in as_data(poll)["problems"] for line in lines(p)))
    if not poll.is_reached:
        raise click.exceptions.Exit(StorageUnavailable.exit_code)


def storage_test_job(settings: Settings, job: Job, say: Callable[[str], None]) -> dict[str, Any]:
    """The job that a page asks for with `location_id`, for a location of its own client."""
    from ingest.storage import test as look

    document = registry.current(settings)
    client_id, location = owner.find(document, job.arguments["location_id"])
    if client_id != job.client_id:
        raise owner.no_such_location()
    return as_data(look(settings, document, client_id, location))


def lines(problem: dict[str, str]) -> list[str]:
    """A problem for people: what happened, what was kept, what to do."""
    where = f"{problem['path']}: " if problem["path"] else ""
    return [f"{where}{problem['happened']} {problem['kept']} {problem['todo']}"]


def _last(poll: dict[str, Any] | None) -> str:
    if poll is None:
        return "never"
    moment = f"{poll['polled_at']:%Y-%m-%d %H:%M} UTC"
    if poll["failures"]:
        return f"{moment}: failed, {poll['failures']} in a row"
    return f"{moment}: {len(poll['problems'])} problems" if poll["problems"] else moment
