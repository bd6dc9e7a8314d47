"""How the last night went and what is running now, from state and dbt's own artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard import identity
from matchbook import jobs, publishing, registry, runs
from matchbook.clock import utc_naive
from matchbook.errors import BuildFailed
from matchbook.publishing.artifacts import green_build
from matchbook.registry import Client, CrmList, Site
from matchbook.settings import Settings

NIGHTS = ("nightly", "build")
STALE_AFTER = timedelta(hours=30)
FORGOTTEN_AFTER = timedelta(hours=12)
"""A run that was killed stays `running` in the log until the next one starts."""


@dataclass(frozen=True)
class Health:
    """What the page header tells about the nights; all times naive UTC."""

    ended_at: datetime | None = None
    """End of the last night, good or bad; None when no night ran here."""
    failed_step: str | None = None
    """Where the last night failed; None when it did not."""
    unpublished_at: datetime | None = None
    """A good build that the pages do not show yet."""
    failed_build: str = ""
    """What a build outside the night failed at."""
    running: str = ""
    """What runs now, in words; empty when nothing does."""
    waiting: int = 0
    """Jobs that wait although no worker is there."""


@dataclass(frozen=True)
class Onboarding:
    """What a new deployment has done so far."""

    has_uploads: bool
    has_calls: bool


def health(settings: Settings) -> Health:
    """The state of the nights as of now."""
    nights = [run for run in runs.latest(settings, limit=30) if run.command in NIGHTS]
    ended = next((run for run in nights if run.status != "running"), None)
    running = _running(settings, nights)
    unpublished_at, failed_build = (None, "") if running else _unpublished(settings)
    has_failed = ended is not None and ended.status == "failed"
    return Health(
        ended_at=ended.ended_at if ended else None,
        failed_step=(ended.step or "start") if ended and has_failed else None,
        unpublished_at=None if has_failed else unpublished_at,
        failed_build="" if has_failed else failed_build,
        running=running,
        waiting=_waiting(settings),
    )


def is_stale(settings: Settings, as_of: datetime) -> bool:
    """Whether the data is older than a night should leave it."""
    return settings.clock.now() - as_of > STALE_AFTER


def onboarding(settings: Settings, client: Client | None = None) -> Onboarding:
    """What has arrived, landed or waiting, before anything was published; with a client, what
    arrived on its lists, and whether one of its sites has a pixel."""
    document = registry.current(settings)
    lists = [f"audience={one.list_id}" for one in document.lists if _is_of(one, client)]
    waiting = (settings.inbox / "onboard" / name for name in (lists if client else ["."]))
    uploads = any(any(folder.rglob("*.*")) for folder in waiting) or _has(settings, "crm_rows")
    calls = any((settings.inbox / "pixels").rglob("*.*")) or _has(settings, "hits")
    has_pixel = any(site.pixel and _is_of(site, client) for site in document.sites)
    return Onboarding(has_uploads=uploads, has_calls=calls or has_pixel)


def _running(settings: Settings, nights: list[runs.Run]) -> str:
    if jobs.worker_is_alive(settings):
        job = next((job for job in _jobs(settings) if job.status == "running"), None)
        if job is not None and job.progress:
            return job.progress
    newest = nights[0] if nights else None
    now = utc_naive(settings.clock.now())
    if newest is None or newest.status != "running" or now - newest.started_at > FORGOTTEN_AFTER:
        return ""
    return f"A night is running: {newest.step}" if newest.step else "A night is running"


def _unpublished(settings: Settings) -> tuple[datetime | None, str]:
    try:
        built_at = publishing.unpublished_build_at(settings)
        if built_at is None:
            return None, ""
        green_build(settings)
    except BuildFailed as error:
        return None, error.happened
    return utc_naive(built_at), ""


def _waiting(settings: Settings) -> int:
    if jobs.worker_is_alive(settings):
        return 0
    return sum(job.status in ("queued", "running") for job in _jobs(settings))


def _jobs(settings: Settings) -> list[jobs.Job]:
    """Those of the installation, and of clients that whoever is here may see."""
    own = {client.client_id for client in identity.visible_clients(settings)}
    return [job for job in jobs.all_of(settings) if job.client_id is None or job.client_id in own]


def _is_of(owned: Site | CrmList, client: Client | None) -> bool:
    return client is not None and owned.client_id == client.client_id


def _has(settings: Settings, table: str) -> bool:
    return any((settings.lake / table).glob("*.parquet"))
