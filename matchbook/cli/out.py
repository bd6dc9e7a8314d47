"""`matchbook publish` and `matchbook deliver`: the two steps after a build."""

from __future__ import annotations

import click

from matchbook import runs
from matchbook.cli import audiences
from matchbook.cli.app import App, command
from matchbook.cli.loads import as_data
from matchbook.cli.night import deliver_build, told_of
from matchbook.cli.progress import spinning
from matchbook.cli.push import follow_nightly
from matchbook.warehouse import run_lock


@command("publish", example="cd dbt_project && dbt build && matchbook publish && matchbook deliver")
def publish(app: App) -> None:
    """Make the newest green build what the dashboard shows, partners get and audiences count.

    Needed after a `dbt build` of your own; `matchbook nightly` does it by itself.
    """
    settings = app.settings
    with (
        run_lock(settings, command="matchbook publish"),
        runs.recorded(settings, "publish") as run,
        spinning(app, "Publishing") as say,
    ):
        from matchbook.publishing import publish as publish_newest

        publication = publish_newest(settings)
        run.built(publication.build_id)
        refreshed = audiences.refresh_all(settings, say)
        follow_nightly(settings)
    done = "Published" if publication.is_new else "Already published:"
    told = audiences.told_of(refreshed) if refreshed else []
    app.emit(as_data(publication), f"{done} build {publication.build_id}.", *told)


@command("deliver", example="matchbook deliver          (cron: */15 * * * *)")
@click.option("--retry", is_flag=True, help="Also try partners that wait after a failure.")
def deliver(app: App, retry: bool) -> None:
    """Deliver the published build's nightly files to every partner that is due.

    A file that was delivered is not delivered again; a partner that was away is tried again
    after 1, 5, 15 and 60 minutes, 3 and 6 hours.
    """
    settings = app.settings
    with (
        run_lock(settings, command="matchbook deliver"),
        runs.recorded(settings, "deliver"),
        spinning(app, "Delivering") as say,
    ):
        results = deliver_build(settings, say=say, retry=retry)
    app.emit({"deliveries": [as_data(one) for one in results]}, *told_of(results))
