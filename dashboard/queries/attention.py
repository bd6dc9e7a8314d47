"""What needs a person: partners gone silent, uploads overdue and files not delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from dashboard.queries.reading import View, rows
from matchbook import deliveries, partner_channels
from matchbook.deliveries import Delivery
from matchbook.partner_channels import Channel

NIGHT_HOURS = 24
LATE_AFTER = timedelta(hours=2)
"""After the hour of its cadence, or after it was made where there is none."""

# A silence of more than a month is no news.
SILENT = """
select
    partner_id, partner_name, site_id, last_synced_date as last_day,
    coalesce(site_name, 'pages without a site') as site_name
from partner_sites
inner join partners using (partner_id)
left join sites using (site_id)
where is_silent and last_synced_date >= counted_date - 30
order by last_day desc, position, site_name
"""

OVERDUE = """
select list_id, list_name, upload_every, days_overdue
from upload_schedules
where days_overdue > 0
order by days_overdue desc, list_name
"""

EXPECTED = (
    "select partner_id, partner_name from client_partners inner join partners "
    "using (partner_id) order by position"
)


@dataclass(frozen=True)
class Files:
    """The nightly files of the newest build."""

    expected: int
    delivered: int
    delivered_at: datetime | None
    late: int
    """Of those delivered, after LATE_AFTER."""
    missing: tuple[tuple[str, str], ...]
    """Partner and reason, for those that were tried and did not arrive."""

    @property
    def unsent(self) -> int:
        """Files that nobody has tried to deliver."""
        return max(0, self.expected - self.delivered - len(self.missing))


def silent(view: View) -> pd.DataFrame:
    """Partner and site that called regularly and stopped; newest silence first."""
    return rows(view, SILENT)


def overdue(view: View) -> pd.DataFrame:
    """Lists whose next upload is late, as the mart counts it; the latest first."""
    return rows(view, OVERDUE)


def silent_since(last_day: date) -> date:
    """The first day without a call."""
    first: date = (pd.Timestamp(last_day) + pd.Timedelta(days=1)).date()
    return first


def is_due_every_night(channel: Channel | None) -> bool:
    """Whether a file of every night is expected of a partner; without a channel it is."""
    return channel is None or (channel.is_active and channel.cadence_hours <= NIGHT_HOURS)


def is_late(done: Delivery) -> bool:
    """Whether a file arrived more than LATE_AFTER after its time."""
    due = done.due_at or done.planned_at
    return bool(due and done.confirmed_at and done.confirmed_at > due + LATE_AFTER)


def files(view: View) -> Files:
    """How many of this build's files arrived."""
    client_id = view.client.client_id
    names = rows(view, EXPECTED)
    name_of = dict(zip(names["partner_id"], names["partner_name"], strict=True))
    found = [
        done
        for done in deliveries.of_client(view.settings, client_id)
        if done.build_id == view.build_id
    ]
    taken = [done for done in found if done.is_taken]
    channels = {c.partner_id: c for c in partner_channels.of_client(view.settings, client_id)}
    tried = {done.partner_id for done in found}
    return Files(
        expected=sum(p in tried or is_due_every_night(channels.get(p)) for p in name_of),
        delivered=len(taken),
        late=sum(is_late(done) for done in taken),
        delivered_at=max((done.confirmed_at for done in taken if done.confirmed_at), default=None),
        missing=tuple(
            (name_of.get(row.partner_id, row.partner_id), row.reason or "No answer yet")
            for row in found
            if row.state in ("rejected", "unknown")
        ),
    )
