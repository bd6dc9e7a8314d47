"""`matchbook publish` and `matchbook deliver`: the two steps after a build."""

from __future__ import annotations

from matchbook import runs
from matchbook.cli.app import App, command
from matchbook.cli.loads import as_data
from matchbook.cli.night import deliver_build
from matchbook.cli.progress import spinning
from matchbook.warehouse import run_lock


@command("publish", example="cd dbt_project && dbt build && matchbook publish && matchbook deliver")
def publish(app: App) -> None:
    """Make the newest green build what the dashboard shows and partners get.

    Needed after a `dbt build` of your own; `matchbook nightly` does it by itself.
    """
    settings = app.settings
    with (
        run_lock(settings, command="matchbook publish"),
        runs.recorded(settings, "publish") as run,
        spinning(app, "Publishing"),
    ):
        from matchbook.publishing import publish as publish_newest

        publication = publish_newest(settings)
        run.built(publication.build_id)
    done = "Published" if publication.is_new else "Already published:"
    app.emit(as_data(publication), f"{done} build {publication.build_id}.")


@command("deliver", example="matchbook deliver")
def deliver(app: App) -> None:
    """Write the published build's nightly files, one per client and partner.

    A file that was delivered is not written again.
    """
    settings = app.settings
    with (
        run_lock(settings, command="matchbook deliver"),
        runs.recorded(settings, "deliver"),
        spinning(app, "Delivering") as say,
    ):
        deliveries = [as_data(one) for one in deliver_build(settings, say=say)]
    app.emit({"deliveries": deliveries}, f"Delivered {len(deliveries)} nightly files.")
