"""`matchbook redeliver`: a past night's files once more, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from matchbook import runs
from matchbook.cli.app import App, command
from matchbook.cli.loads import as_data
from matchbook.delivery_rows import Delivery
from matchbook.jobs import Job
from matchbook.settings import Settings
from matchbook.warehouse import run_lock


@command("redeliver", example="matchbook redeliver oakhouse piano 2026-11-20")
@click.argument("client_id", metavar="CLIENT")
@click.argument("partner_id", metavar="PARTNER")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False, writable=True),
    help="Write a copy to this folder instead of where nightly files go.",
)
def redeliver(
    app: App, client_id: str, partner_id: str, day: datetime, folder: Path | None
) -> None:
    """Send the nightly files of a past DAY again, as they were.

    DAY is the UTC day in the file's name. The stored bytes go over the partner's channel, if it
    has one. Files are kept 30 days; what the partner is known to hold does not change.
    """
    sent = _send_again(app.settings, client_id, partner_id, day, folder)
    names = ", ".join(done.name for done in sent)
    app.emit({"deliveries": [as_data(done) for done in sent]}, f"Sent again: {names}.")


def redeliver_job(settings: Settings, job: Job, say: Callable[[str], None]) -> dict[str, Any]:
    """The job that a page asks for with `partner_id` and `day`, for its own client."""
    day = datetime.fromisoformat(job.arguments["day"])
    sent = _send_again(settings, job.client_id or "", job.arguments["partner_id"], day)
    return {"files": [done.name for done in sent]}


def _send_again(
    settings: Settings, client_id: str, partner_id: str, day: datetime, folder: Path | None = None
) -> list[Delivery]:
    from exporters.destinations import LocalFolder
    from exporters.stored import redeliver as send_again

    with run_lock(settings, command="matchbook redeliver"), runs.recorded(settings, "redeliver"):
        return send_again(
            settings,
            client_id=client_id,
            partner_id=partner_id,
            day=day.date(),
            destination=LocalFolder(folder) if folder else None,
        )
