"""Partners of a client: their rate, their sites, their last file, what was rejected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from dashboard import identity
from dashboard.queries import rates
from dashboard.queries.reading import View, rows
from dashboard.queries.site_calls import DAYS_SHOWN, last_full_day
from matchbook import deliveries, partner_channels
from matchbook.access import Action
from matchbook.deliveries import Delivery
from matchbook.partner_channels import Channel
from matchbook.partners import Partner, load_partners
from matchbook.registry import Client
from matchbook.settings import Settings

SITES = """
select partner_id, partner_sites.site_id, coalesce(site_name, '') as site_name,
    syncs, usual_syncs, is_silent, is_low, counted_date, last_synced_date, last_synced_at
from partner_sites left join sites using (site_id)
order by site_name = '', site_name, partner_sites.site_id
"""

PER_DAY = """
select hit_date, hits from sync_days
where partner_id = $partner_id and site_id = $site_id and hit_date between $since and $until
"""

REJECTED = """
select reason, sum(calls)::bigint as calls, max(hit_date) as last_day,
    arg_max(last_file_name, hit_date) as file_name,
    arg_max(last_line_number, hit_date) as line_number
from rejected_calls
where partner_id = $partner_id and site_id in ($site_id, '') and hit_date >= $since
group by reason
order by calls desc, reason
"""


@dataclass(frozen=True)
class Standing:
    """One of the nine, as far as this client is concerned."""

    partner: Partner
    is_own: bool
    """The client works with it."""
    match_rate: float | None = None
    records: int = 0
    """What the rate is over."""
    last_synced_at: datetime | None = None
    silent: tuple[tuple[str, date], ...] = ()
    """Sites it is silent on, and the day of its last call there."""
    last_file: Delivery | None = None
    channel: Channel | None = None


def standings(settings: Settings, client: Client, view: View | None) -> list[Standing]:
    """All partners in their order, those the client does not work with included.

    Raises SnapshotOutdated when the snapshot is from before this page, and PermissionDenied.
    """
    identity.require(settings, client.client_id, Action.READ)
    own = {partner.partner_id for partner in client.partners}
    channels = {
        one.partner_id: one for one in partner_channels.of_client(settings, client.client_id)
    }
    files = {done.partner_id: done for done in deliveries.of_client(settings, client.client_id)}
    measured = _measured(view) if view else {}
    return [
        Standing(
            partner=partner,
            is_own=partner.partner_id in own,
            last_file=files.get(partner.partner_id),
            channel=channels.get(partner.partner_id),
            **measured.get(partner.partner_id, {}),
        )
        for partner in load_partners()
    ]


def _measured(view: View) -> dict[str, dict[str, Any]]:
    today = rates.Slice(since=view.as_of_date, until=view.as_of_date)
    found: dict[str, dict[str, Any]] = {
        row.partner_id: {"match_rate": row.match_rate, "records": int(row.denominator)}
        for row in rates.standing(view, today).itertuples()
    }
    for partner_id, part in sites(view).groupby("partner_id"):
        silent = part[part["is_silent"]]
        found.setdefault(str(partner_id), {}).update(
            last_synced_at=part["last_synced_at"].max().to_pydatetime(),
            silent=tuple(
                (row.site_name or row.site_id, pd.Timestamp(row.last_synced_date).date())
                for row in silent.itertuples()
            ),
        )
    return found


def sites(view: View) -> pd.DataFrame:
    """One row per partner and site it ever synced on; the calls that named no site come last."""
    return rows(view, SITES)


def syncs_per_day(view: View, partner_id: str, site_id: str) -> tuple[tuple[date, int], ...]:
    """Calls on each of the last full days, the days without one included."""
    since, until = _since(view), last_full_day(view)
    found = rows(view, PER_DAY, partner_id=partner_id, site_id=site_id, since=since, until=until)
    counted = {pd.Timestamp(row.hit_date).date(): int(row.hits) for row in found.itertuples()}
    days = [since + timedelta(days=n) for n in range(DAYS_SHOWN)]
    return tuple((day, counted.get(day, 0)) for day in days)


def rejected(view: View, partner_id: str, site_id: str) -> pd.DataFrame:
    """Rejected calls of the last 30 days by reason: of this site, or naming none we know."""
    return rows(view, REJECTED, partner_id=partner_id, site_id=site_id, since=_since(view))


def _since(view: View) -> date:
    return last_full_day(view) - timedelta(days=DAYS_SHOWN - 1)
