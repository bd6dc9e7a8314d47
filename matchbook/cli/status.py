"""`matchbook status`: what is published, what waits, what ran."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchbook import jobs, runs, state
from matchbook.cli.app import App, command
from matchbook.cli.loads import as_data
from matchbook.settings import Settings

WAITING = {
    "ready": "waits for the next run",
    "settling": "is still being written, or was a moment ago",
    "data_missing": "waits for its file, which has not come",
}
"""What the state of a file in the inbox means."""


@command("status", example="matchbook status --json")
def status(app: App) -> None:
    """Say what is published, what waits in the inbox and how the last runs went.

    Reads only; works while a night is running.
    """
    settings = app.settings
    data = {
        "home": str(settings.home),
        "published": _published(settings),
        "built_not_published": _unpublished(settings),
        "inbox": _inbox(settings),
        "runs": [as_data(run) for run in runs.latest(settings, limit=5)],
        "deliveries": _deliveries(settings),
        "jobs": dict(Counter(job.status for job in jobs.all_of(settings))),
        "worker_alive": jobs.worker_is_alive(settings),
    }
    app.emit(data, *_lines(data))


def _published(settings: Settings) -> dict[str, Any] | None:
    from matchbook.snapshots import published

    found = published(settings)
    if found is None:
        return None
    kept = found.model_dump(mode="json", include={"build_id", "as_of", "load_seq", "published_at"})
    return kept | {"clients": sorted(found.clients)}


def _unpublished(settings: Settings) -> str | None:
    from matchbook.publishing import unpublished_build_at

    moment = unpublished_build_at(settings)
    return None if moment is None else moment.isoformat()


def _inbox(settings: Settings) -> list[dict[str, Any]]:
    from ingest.inbox import waiting

    return [as_data(file) for file in waiting(settings)]


def _deliveries(settings: Settings) -> list[dict[str, Any]]:
    table = state.deliveries
    newest = sa.select(sa.func.max(table.c.as_of)).scalar_subquery()
    query = sa.select(table).where(table.c.as_of == newest)
    query = query.order_by(table.c.client_id, table.c.partner_id)
    with state.begin(settings) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def _lines(data: dict[str, Any]) -> list[str]:
    published, lines = data["published"], [f"Home          {data['home']}"]
    if published:
        lines.append(f"Data as of    {_moment(published['as_of'])} (build {published['build_id']})")
    else:
        lines.append("Data as of    nothing has been published yet; run: matchbook nightly")
    if data["built_not_published"]:
        built = _moment(data["built_not_published"])
        lines.append(f"Newest build  built {built}, not yet published; run: matchbook publish")
    lines.append(f"Inbox         {_waiting(data['inbox'])}")
    lines += [f"  {file['name']}: {WAITING[file['state']]}" for file in data["inbox"][:10]]
    states = Counter(delivery["state"] for delivery in data["deliveries"])
    files = ", ".join(f"{count} {name}" for name, count in sorted(states.items())) or "none yet"
    lines.append(f"Nightly files {files}")
    worker = "running" if data["worker_alive"] else "not running (matchbook work)"
    lines.append(f"Worker        {worker}")
    lines.append("Last runs" + ("" if data["runs"] else "     none yet"))
    lines += [_run(run) for run in data["runs"]]
    return lines


def _waiting(files: list[dict[str, Any]]) -> str:
    return f"{len(files)} file{'s' * (len(files) != 1)} waiting" if files else "empty"


def _run(run: dict[str, Any]) -> str:
    where = f" at {run['step']}" if run["status"] != "done" and run["step"] else ""
    message = f": {run['message']}" if run["message"] else ""
    return f"  {_moment(run['started_at'])}  {run['command']:<8} {run['status']}{where}{message}"


def _moment(value: str | datetime) -> str:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment:%-d %b %Y %H:%M} UTC"
