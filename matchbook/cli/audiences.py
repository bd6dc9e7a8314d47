"""`matchbook audiences`: what they are, how large, and why somebody is in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from matchbook.cli.app import App, command
from matchbook.cli.progress import spinning
from matchbook.jobs import Job
from matchbook.settings import Settings

if TYPE_CHECKING:
    from matchbook.kept_audiences.refreshes import Refresh
    from matchbook.kept_audiences.sizes import Told

_client = click.argument("client")
_audience = click.argument("audience")
_by = click.option("--by", required=True, help="Who says so; kept as proof.")
_json_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audiences() -> None:
    """People chosen by what they did and what the CRM says."""


@command("list", example="matchbook audiences list oakhouse")
@_client
def list_audiences(app: App, client: str) -> None:
    """A client's audiences with their sizes as of their last refresh."""
    from matchbook.kept_audiences.sizes import overview

    found = overview(app.settings, client)
    table = Table("id", "name", "people", "reachable in CEP", "", "as of", box=None)
    for told in found:
        at = f"{told.as_of:%Y-%m-%d %H:%M} UTC" if told.as_of else ""
        table.add_row(
            told.audience.audience_id, told.audience.name, _size(told.people, told),
            _size(told.reachable, told), told.standing.replace("_", " "), at,
        )  # fmt: skip
    app.emit({"client_id": client, "audiences": [_as_data(told) for told in found]}, table)


@command("show", example="matchbook audiences show oakhouse lapsed-buyers")
@_client
@_audience
def show(app: App, client: str, audience: str) -> None:
    """One audience in plain words, with its size over time."""
    from matchbook.audiences.sentences import describe
    from matchbook.kept_audiences import sizes
    from matchbook.kept_audiences.names import named

    told = sizes.one(app.settings, client, audience)
    words = describe(told.audience.definition, named(app.settings, client))
    points = sizes.trend(app.settings, client, audience)
    table = Table("as of", "people", "reachable in CEP", "entered", "left", box=None)
    for point in points[-14:]:
        counts = (point.people, point.reachable, point.entered, point.left)
        table.add_row(f"{point.as_of:%Y-%m-%d}", *(_size(count, told) for count in counts))
    data = _as_data(told) | {"in_words": words, "trend": [asdict(point) for point in points]}
    app.emit(data, told.audience.name, words, *([told.reason] if told.reason else []), table)


@command("count", example="matchbook audiences count oakhouse definition.json")
@_client
@click.argument("definition", type=_json_file)
def count(app: App, client: str, definition: Path) -> None:
    """How many people a definition in a file has now, without saving it."""
    from matchbook.audiences import read, size
    from matchbook.disclosure import part, rounded, written
    from matchbook.kept_audiences.worlds import open_world

    asked = read(definition.read_bytes())
    with open_world(app.settings, client) as opened:
        found = size(asked, opened.world, opened.connection)
    sizes = {"people": rounded(found.people), "reachable": part(found.people, found.reachable)}
    people, reachable = map(written, sizes.values())
    app.emit(sizes, f"{people} people, {reachable} reachable in CEP.")


@command("save", example='matchbook audiences save oakhouse definition.json --by "A. Vos"')
@_client
@click.argument("definition", type=_json_file)
@click.option("--id", "audience", help="Of the audience to change; else it is a new one.")
@_by
def save(app: App, client: str, definition: Path, audience: str | None, by: str) -> None:
    """Save a definition from a file; `refresh` or the next night fills it."""
    from matchbook.audiences import read
    from matchbook.kept_audiences import store

    asked = read(definition.read_bytes())
    if audience is None:
        made = store.create(app.settings, client, asked, by=by)
    else:
        made = store.save(app.settings, client, audience, asked, by=by)
    data = {"audience_id": made.audience_id, "version": made.version}
    app.emit(data, f"Saved {made.audience_id}, version {made.version}.")


@command("upload", example="matchbook audiences upload oakhouse guests guests.csv --by fair")
@_client
@click.argument("list_id", metavar="LIST")
@click.argument("file", type=_json_file)
@click.option("--name", help="As people call the list; else its id.")
@_by
def upload(app: App, client: str, list_id: str, file: Path, name: str | None, by: str) -> None:
    """Take a file's crm_record_id column as the whole list, whatever it held before."""
    from matchbook.kept_audiences import lists

    made = lists.replace(app.settings, client, list_id, file, name=name or list_id, by=by)
    data = {"list_id": made.list_id, "records": made.records}
    app.emit(data, f"{made.list_id}: {made.records:,} records. Now: matchbook audiences refresh")


@command("refresh", example="matchbook audiences refresh oakhouse lapsed-buyers")
@_client
@click.argument("audience", nargs=-1)
def refresh(app: App, client: str, audience: tuple[str, ...]) -> None:
    """Evaluate what is behind the published build, or the audiences named, whatever was done."""
    from matchbook.kept_audiences import refreshing, store

    for audience_id in audience:
        store.get(app.settings, client, audience_id)
    with spinning(app, "Refreshing") as say:
        done = refreshing.refresh(app.settings, client, only=audience, say=say)
    app.emit({"refreshes": [as_data(one) for one in done]}, *told_of(done))


@command("why", example="matchbook audiences why oakhouse lapsed-buyers OL-0010001")
@_client
@_audience
@click.argument("record")
@click.option("--by", default="command line", show_default=True, help="Who asks; it is logged.")
def why(app: App, client: str, audience: str, record: str, by: str) -> None:
    """Why a CRM record is, or is not, in an audience, condition by condition."""
    from matchbook.kept_audiences import why as reasons

    found = reasons.why(app.settings, client, audience, record, by=by)
    lines = [f"{'yes' if one.holds else 'no ':4} {one.box}: {one.text}" for one in found.conditions]
    app.emit(asdict(found), found.verdict, *lines)


for _command in (list_audiences, show, count, save, upload, refresh, why):
    audiences.add_command(_command)


def refresh_all(settings: Settings, say: Callable[[str], None]) -> list[Refresh]:
    """The step of a night after publishing; what failed does not stop it."""
    from matchbook.kept_audiences import refreshing

    return refreshing.refresh_all(settings, say=say)


def refresh_job(settings: Settings, job: Job, say: Callable[[str], None]) -> dict[str, Any]:
    """The job that a page asks for after a save or an upload, with `audience_ids`."""
    from matchbook.kept_audiences import refreshing

    only = job.arguments.get("audience_ids", ())
    done = refreshing.refresh(settings, job.client_id or "", only=only, say=say)
    return {"refreshes": [as_data(one) for one in done]}


def as_data(refresh: Refresh) -> dict[str, Any]:
    """A refresh for `--json`; `list` and `show` tell the sizes, as they may be told."""
    named = {"client_id": refresh.client_id, "audience_id": refresh.audience_id}
    return named | {"state": refresh.state, "reason": refresh.reason}


def told_of(done: list[Refresh]) -> list[str]:
    """How many audiences were refreshed, and which were not and why."""
    failed = [one for one in done if one.state == "failed"]
    return [
        f"Refreshed {len(done) - len(failed)} audiences.",
        *(f"{one.client_id}/{one.audience_id}: failed. {one.reason}" for one in failed),
    ]


def _as_data(told: Told) -> dict[str, Any]:
    own = asdict(told) | {"definition": told.audience.definition.model_dump(mode="json")}
    del own["audience"]
    named = {"audience_id": told.audience.audience_id, "name": told.audience.name}
    return named | {"version": told.audience.version} | own


def _size(count: int | None, told: Told) -> str:
    from matchbook.disclosure import written

    return "" if told.as_of is None else written(count)
