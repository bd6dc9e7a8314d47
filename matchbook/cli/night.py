"""`matchbook nightly`: land, build, publish, deliver, refresh audiences, each safe to run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matchbook import registry, runs
from matchbook.cli import (
    alerts,
    audiences,
    erasing,
    inputs,
    keeping,
    objects,
    page_requests,
    rotation,
    sizes,
)
from matchbook.cli.app import App, command
from matchbook.cli.build import mirror_into_warehouse, newest_build_id, run_dbt
from matchbook.cli.loads import as_data, summed
from matchbook.cli.onboard import clear_all, fetch_all
from matchbook.cli.progress import spinning
from matchbook.cli.push import follow_nightly
from matchbook.errors import Busy
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse, run_lock

if TYPE_CHECKING:
    from ingest.landing import LoadResult

Say = Callable[[str], None]


@dataclass
class Night:
    """What one night did."""

    build_id: str = ""
    storage: list[Any] = field(default_factory=list)
    loads: list[LoadResult] = field(default_factory=list)
    published: bool = False
    deliveries: list[Any] = field(default_factory=list)
    audiences: list[Any] = field(default_factory=list)
    pushes: int = 0
    objects: dict[str, Any] = field(default_factory=dict)
    alerts: dict[str, Any] = field(default_factory=dict)
    erased: list[Any] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """For `--json` and job results."""
        return {
            "build_id": self.build_id,
            "storage": [as_data(poll) for poll in self.storage],
            **summed(self.loads),
            "loads": [as_data(load) for load in self.loads],
            "published": self.published,
            "deliveries": [as_data(delivery) for delivery in self.deliveries],
            "audiences": [audiences.as_data(refresh) for refresh in self.audiences],
            "pushes": self.pushes,
            "objects": self.objects,
            "alerts": self.alerts,
            "erased": [request.request_id for request in self.erased],
        }


@command("nightly", example="matchbook nightly          (cron: 10 3 * * *)")
def nightly(app: App) -> None:
    """Do the whole night: look at clients' storage, land what waits, build, publish, deliver,
    look for anomalies, refresh audiences, erase whom it is time to erase.

    Killed at any point, it completes when it is run again. With nothing new it changes
    nothing.
    """
    with spinning(app, "Nightly run") as say:
        night = run_night(app.settings, say=say)
    app.emit(night.as_data(), *_told(night))


def _told(night: Night) -> list[str]:
    total = summed(night.loads)
    if not night.build_id:
        return ["Nothing has landed yet, so there is nothing to publish."]
    return [
        f"Landed {len(night.loads)} files, {total['lines']:,} lines: "
        f"{total['accepted']:,} accepted, {total['quarantined']:,} rejected.",
        f"Build {night.build_id} {'published' if night.published else 'was published already'}.",
        *told_of(night.deliveries),
        *(audiences.told_of(night.audiences) if night.audiences else []),
        *([alerts.told_of(night.alerts)] if any(night.alerts.values()) else []),
        *([night.objects["problem"]] if "problem" in night.objects else []),
        *([f"Erased {len(night.erased)} people."] if night.erased else []),
    ]


def run_night(settings: Settings, *, say: Say = lambda _: None) -> Night:
    """All steps under the run lock. Raises the step's own error."""
    night = Night()
    with run_lock(settings, command="matchbook nightly"), runs.recorded(settings, "nightly") as run:

        def step(name: str, text: str) -> None:
            run.step(name)
            say(text)

        step("privacy", "Looking up new requests")
        rotation.resume(settings, run, say=say)
        erasing.trace_new(settings)
        night.erased = erasing.resume(settings, run, say=say)
        step("fetch", "Looking at clients' storage")
        night.storage = _unless_busy(lambda: fetch_all(settings, say=say), [])
        if settings.objects:
            step("take", "Looking for segments")
            objects.take_in(settings)
        step("land", "Landing files")
        night.loads = land_waiting(settings, say=say)
        page_requests.ask_from_pages(settings)
        erasing.trace_new(settings)
        run.counted(**sizes.landed(settings, night.loads))
        polls = night.storage
        night.storage = _unless_busy(lambda: clear_all(settings, polls), polls)
        found = inputs.current(settings)
        if not inputs.are_built(settings, found):
            step("mirror", "Mirroring the registry")
            mirror_into_warehouse(settings)
            step("build", "Building")
            made = run_dbt(settings, progress=lambda done, total: say(f"Building {done}/{total}"))
            inputs.remember(settings, found, made.invocation_id)
            run.counted(**sizes.built(settings))
        night.build_id = newest_build_id(settings)
        if not night.build_id:
            return night
        run.built(night.build_id)
        step("publish", "Publishing")
        night.published = publish_build(settings)
        run.counted(bytes=sizes.published(settings) if night.published else 0)
        step("deliver", "Delivering")
        night.deliveries = deliver_build(settings, say=say)
        run.counted(**sizes.delivered(night.deliveries))
        step("alerts", "Looking for anomalies")
        night.alerts = alerts.look_and_tell(settings)
        step("audiences", "Refreshing audiences")
        night.audiences = audiences.refresh_all(settings, say)
        run.counted(rows=sum(one.people or 0 for one in night.audiences))
        step("pushes", "Asking for pushes")
        night.pushes = follow_nightly(settings)
        night.erased += erasing.erase(settings, erasing.due(settings), run, say=say)
        keeping.forget_old(settings, run, say=say)
        if settings.objects:
            step("copy", "Copying to the object store")
            night.objects = objects.copy_out_or_tell(settings)
            run.counted(bytes=night.objects.get("bytes"))
    return night


def land_waiting(settings: Settings, *, say: Say) -> list[LoadResult]:
    """Land what is in the inbox, after completing what a killed run left in the lake."""
    from ingest.inbox import land_inbox
    from ingest.landing import recover
    from ingest.storage.outcomes import note_outcomes

    with open_warehouse(settings) as connection:
        recover(connection, settings)
        results = land_inbox(
            connection,
            settings,
            registry=registry.current(settings),
            keys=load_keys(settings.keys),
            progress=say,
        )
        note_outcomes(connection, settings)
    return results


def _unless_busy(step: Callable[[], list[Any]], otherwise: list[Any]) -> list[Any]:
    """A night does not wait for a poll that is going on: what that one copies lands next."""
    try:
        return step()
    except Busy:
        return otherwise


def publish_build(settings: Settings) -> bool:
    """Publish the newest build; False when it is the published one already."""
    from matchbook.publishing import publish

    return bool(publish(settings).is_new)


def deliver_build(settings: Settings, *, say: Say, retry: bool = False) -> list[Any]:
    """What was delivered now, and what could not be and why; what was delivered before is left
    out."""
    from exporters.delivery import deliver_all
    from matchbook.publishing.instance import refresh_deliveries

    results = deliver_all(settings, registry=registry.current(settings), progress=say, retry=retry)
    refresh_deliveries(settings)
    return [result for result in results if result.is_new or result.reason]


def told_of(deliveries: list[Any]) -> list[str]:
    """How many files are delivered, and which are not and why."""
    through = [one for one in deliveries if one.is_new]
    others = [one for one in deliveries if not one.is_new]
    return [
        f"Delivered {len(through)} nightly files.",
        *(f"{one.client_id} → {one.partner_id}: {one.state}. {one.reason}" for one in others),
    ]
