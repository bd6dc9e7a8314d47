"""The nights of the demo world, as jobs: night 0 is the backlog, then one per day.

They go through the same code as a real night; only the clock is the world's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from matchbook import jobs, snapshots
from matchbook.cli import demo_audiences, demo_lookalikes, demo_partner
from matchbook.cli.night import land_waiting, run_night
from matchbook.demo_home import MARKER
from matchbook.files import write_whole
from matchbook.settings import Settings
from matchbook.warehouse import run_lock

if TYPE_CHECKING:
    from ingest.demo import World, WorldOptions

KIND = "demo_night"
A_MINUTE = timedelta(minutes=1)


def write_options(settings: Settings, options: WorldOptions) -> None:
    """Mark the home as a demo and note which world it holds."""
    document = asdict(options) | {"end": options.end.isoformat()}
    write_whole(settings.home / MARKER, json.dumps(document))


def read_options(settings: Settings) -> WorldOptions | None:
    """Which world the home holds; None when it is no demo."""
    from ingest.demo import WorldOptions

    marker = settings.home / MARKER
    if not marker.exists():
        return None
    document = json.loads(marker.read_text())
    return WorldOptions(**document | {"end": date.fromisoformat(document["end"])})


def enqueue_nights(settings: Settings, options: WorldOptions) -> list[jobs.Job]:
    """Queue the nights that have not been queued, those that failed included."""
    ids = [
        jobs.enqueue(settings, KIND, idempotency_key=f"{KIND}:{night}", arguments={"night": night})
        for night in range(options.nights + 1)
    ]
    jobs.requeue_failed(settings, ids)
    return [jobs.get(settings, job_id) for job_id in ids]


def demo_night(settings: Settings, job: jobs.Job, say: Callable[[str], None]) -> dict[str, Any]:
    """Put one night's files into the inbox and run the night at the world's time."""
    number = int(job.arguments["night"])
    options = read_options(settings)
    assert options is not None, "a demo night outside a demo"
    title = f"Night {number} of {options.nights}" if number else "The first months"
    say(f"{title}: writing files")
    world = _world(settings, options)
    if number:
        world.night(number - 1)
        moment = world.night_clock(number - 1)
    else:
        moment = land_backlog(settings, world, lambda text: say(f"{title}: {text}"))
    settings = replace(settings, now=moment)
    demo_partner.set_up(settings, options, number)
    demo_audiences.set_up(settings)
    night = run_night(settings, say=lambda text: say(f"{title}: {text}"))
    demo_lookalikes.set_up(settings, nights_left=options.nights - number)
    data = night.as_data()
    return data | {"loads": len(data["loads"]), "deliveries": len(data["deliveries"])}


def night_now(settings: Settings, job: jobs.Job, say: Callable[[str], None]) -> dict[str, Any]:
    """A night at a person's wish, a minute after the world's last one, and what it did to the
    match rates."""
    last = snapshots.published(settings)
    before = _rates(settings)
    moment = last.as_of + A_MINUTE if last else None
    night = run_night(replace(settings, now=moment), say=say)
    after = _rates(settings)
    nothing = {"matched": 0, "rate": None}
    rates = {client: (before.get(client, nothing), now) for client, now in after.items()}
    return {"build_id": night.build_id, "loads": len(night.loads), "rates": rates}


def _rates(settings: Settings) -> dict[str, dict[str, Any]]:
    """Each client's match rate over all partners on the newest day."""
    publication = snapshots.published(settings)
    found = {}
    for client_id in publication.clients if publication else ():
        with snapshots.open_snapshot(settings, client_id) as connection:
            row = connection.execute(_NEWEST_RATE).fetchone()
        if row:
            found[client_id] = {"matched": row[0], "rate": row[1]}
    return found


_NEWEST_RATE = """
select numerator, match_rate from match_rates
where partner_id = 'all' and breakdown = 'all' and look_back_days = 30
order by as_of_date desc limit 1
"""


def land_backlog(
    settings: Settings, world: World, say: Callable[[str], None] = lambda _: None
) -> datetime:
    """Land the months before the first night week by week, each file in its own time."""
    moment = world.backlog_clock()
    for moment in world.backlog_parts():
        say(f"landing the week until {moment:%-d %b}")
        with run_lock(settings, command="matchbook demo"):
            land_waiting(replace(settings, now=moment), say=lambda _: None)
    return moment


@cache
def _world(settings: Settings, options: WorldOptions) -> World:
    from ingest.demo import make_world

    return make_world(settings, options)
