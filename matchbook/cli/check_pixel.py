"""`matchbook check-pixel`: is the right pixel on a page?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from matchbook import registry
from matchbook.cli.app import App, command
from matchbook.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from matchbook.jobs import Job
    from matchbook.settings import Settings


@command("check-pixel", example="matchbook check-pixel https://www.oakhouse.example/")
@click.argument("url")
@click.option("--site", help="The site whose pixel it must be; else the one with this host.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="HOST[:PORT]",
    help="May be opened although it is not public. Repeatable.",
)
def check_pixel(app: App, url: str, site: str | None, allow_host: tuple[str, ...]) -> None:
    """Open a page and say whether its pixel is implemented, with site and integrations.

    Only public addresses are opened. Exit code 1 if something has to be done.
    """
    from ingest.pixel_check import check_page, parse_allowed

    allowed = parse_allowed(allow_host)
    if site and site not in {known.site_id for known in registry.current(app.settings).sites}:
        raise ConfigError(
            "No site of this id is registered.",
            kept="No page was opened.",
            todo="See: matchbook registry show",
        )
    verdict = check_page(app.settings, url, site_id=site, allowed=allowed)
    app.emit(verdict.as_data(), f"{verdict.happened} {verdict.todo}")
    if not verdict.is_good:
        click.get_current_context().exit(1)


def check_pixel_job(settings: Settings, job: Job, say: Callable[[str], None]) -> dict[str, Any]:
    """What the page Pixels asks for; only sites of the job's client count."""
    from ingest.pixel_check import check_page

    say("Opening the page")
    return check_page(settings, str(job.arguments["url"]), client_id=job.client_id).as_data()
