"""`matchbook dashboard`: serve the pages."""

from __future__ import annotations

import click

from matchbook.cli.app import App, command


@command("dashboard", example="matchbook dashboard --port 8501")
@click.option("--host", help="Address to bind to; else MATCHBOOK_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="First port to try.")
def dashboard(app: App, host: str | None, port: int | None) -> None:
    """Serve the dashboard. A port that is taken moves on to the next free one."""
    from dashboard.server import serve

    settings = app.settings
    serve(settings, host=host or settings.host, port=port or settings.port)
