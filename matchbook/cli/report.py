"""`matchbook report`: a client's week on one page of HTML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from matchbook import registry
from matchbook.cli.app import App, command
from matchbook.errors import ConfigError
from matchbook.files import write_whole
from matchbook.registry import Client
from matchbook.settings import Settings


@command("report", example="matchbook report --client oakandlinen --week 2026-W47")
@click.option("--client", required=True, help="Whose week.")
@click.option("--week", help="ISO week, like 2026-W47; default the newest that has data.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; default CLIENT-WEEK.html here.")  # fmt: skip
def report(app: App, client: str, week: str | None, out: Path | None) -> None:
    """Write the weekly report: match rates, uplift, files and anomalies, as the pages tell them.

    One file that needs nothing beside itself; it can be sent and prints on one page.
    """
    from dashboard import report as made
    from dashboard.queries.reading import open_view

    # Whoever runs commands on this machine has its files; nobody signs in here.
    settings = replace(app.settings, sign_in=None)
    view = open_view(settings, _client(settings, client))
    days = made.week_of(week or made.weeks_known(view)[0])
    document = made.render(made.read_week(view, days))
    target = out or Path(f"{client}-{days.name.lower()}.html")
    write_whole(target, document)
    app.emit({"file": str(target), "week": days.name}, f"Wrote {target}.")


def _client(settings: Settings, client_id: str) -> Client:
    for client in registry.current(settings).clients:
        if client.client_id == client_id:
            return client
    raise ConfigError("There is no such client.", todo="See: matchbook registry show")
