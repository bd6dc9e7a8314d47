"""`matchbook collect`: the endpoint that pixels and e-mails call."""

from __future__ import annotations

from dataclasses import replace

import click

from matchbook.cli.app import App, command


@command("collect", example="matchbook collect --bind 127.0.0.1:8080")
@click.option(
    "--bind", help="Address and port; else MATCHBOOK_COLLECTOR_BIND, else 127.0.0.1:8080."
)
def collect(app: App, bind: str | None) -> None:
    """Serve pixels, tracked links and the on-site script until stopped.

    Hits go to <home>/collector and, a minute later at most, to the inbox. Several may run
    behind a load balancer, with one home folder or with their own.
    """
    from ingest.collector.server import serve
    from matchbook.settings import address_of

    settings = app.settings
    if bind:
        settings = replace(settings, collector_bind=address_of("--bind", bind))
    serve(settings, on_ready=lambda url: app.say(f"Collecting at {url}/bakery/ (Ctrl-C stops)"))
