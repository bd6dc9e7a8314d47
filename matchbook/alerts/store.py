"""What was found and who said what to it. An alert stands for one episode of one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from matchbook import audit, state
from matchbook.alerts.episodes import Cause, Direction, Episode
from matchbook.alerts.measures import Place
from matchbook.alerts.tables import alerts as _TABLE
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.settings import Settings

LONGEST_NOTE = 500
KEPT_DAYS = 60
"""Episodes that ended earlier are not entered any more: their days have left what is looked at."""


@dataclass(frozen=True)
class Alert:
    """One episode and what people said of it; times naive UTC."""

    alert_id: int
    client_id: str
    partner_id: str
    site_id: str
    direction: Direction
    cause: Cause
    since_date: date
    until_date: date
    ratio: float
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None

    @property
    def is_open(self) -> bool:
        """It goes on."""
        return self.closed_at is None

    @property
    def needs_somebody(self) -> bool:
        """It goes on, and nobody has said that they know."""
        return self.is_open and self.acknowledged_at is None


@dataclass(frozen=True)
class Change:
    """An alert that has just opened or closed."""

    kind: Literal["opened", "closed"]
    alert: Alert


def of_client(settings: Settings, client_id: str, *, open_only: bool = False) -> list[Alert]:
    """The newest first."""
    query = sa.select(_TABLE).where(_TABLE.c.client_id == client_id)
    if open_only:
        query = query.where(_TABLE.c.closed_at.is_(None))
    with state.begin(settings) as connection:
        return _alerts(connection, query)


def get(settings: Settings, alert_id: int) -> Alert:
    """One. Raises ConfigError when there is none of that number."""
    with state.begin(settings) as connection:
        found = _alerts(connection, sa.select(_TABLE).where(_TABLE.c.alert_id == alert_id))
    if not found:
        raise ConfigError(
            f"There is no alert {alert_id}.",
            kept="Nothing was changed.",
            todo="See: matchbook alerts list",
        )
    return found[0]


def acknowledge(settings: Settings, alert_id: int, *, by: str, note: str = "") -> Alert:
    """Somebody knows; the note stands on the charts. Saying it again replaces the note."""
    alert = get(settings, alert_id)
    if len(note) > LONGEST_NOTE:
        raise ConfigError(
            f"The note is longer than {LONGEST_NOTE} characters.", kept="Nothing was changed."
        )
    values: dict[str, Any] = {"note": note.strip() or alert.note}
    if alert.acknowledged_at is None:
        now = utc_naive(settings.clock.now())
        values |= {"acknowledged_at": now, "acknowledged_by": by}
    with state.begin(settings) as connection:
        _update(connection, alert_id, **values)
    audit.record(
        settings, actor=by, client_id=alert.client_id, action="alert_acknowledged", subjects=1
    )
    return get(settings, alert_id)


def reconcile(
    connection: sa.Connection,
    client_id: str,
    found: Sequence[Episode],
    *,
    newest: date,
    now: datetime,
) -> list[Change]:
    """Bring the table to what was found; returns the changes of state.

    Episodes of the past that nobody was told of are entered closed, for the charts. One that late
    lines have undone is closed like one that ended.
    """
    known = _alerts(connection, sa.select(_TABLE).where(_TABLE.c.client_id == client_id))
    changes: list[Change] = []
    continued: set[int] = set()
    for episode in sorted(found, key=lambda one: one.since):
        alert = _same(episode, known)
        if alert is not None:
            continued |= {alert.alert_id} if episode.is_open else set()
            _follow(connection, alert, episode)
        elif episode.is_open or episode.until > newest - timedelta(days=KEPT_DAYS):
            made = _insert(connection, client_id, episode, now)
            continued.add(made.alert_id)
            changes += [Change("opened", made)] if episode.is_open else []
    for alert in known:
        if alert.is_open and alert.alert_id not in continued:
            _update(connection, alert.alert_id, closed_at=now)
            changes.append(Change("closed", _of_number(connection, alert.alert_id)))
    return changes


def _same(episode: Episode, known: Sequence[Alert]) -> Alert | None:
    """The alert that was opened for these days, at least one of which it shares."""
    return next((alert for alert in known if _is_same(episode, alert)), None)


def _is_same(episode: Episode, alert: Alert) -> bool:
    is_there = Place(alert.partner_id, alert.site_id) == episode.place
    is_so = alert.direction == episode.direction
    is_so &= (alert.cause == "gone") == (episode.cause == "gone")
    overlaps = episode.since <= alert.until_date and alert.since_date <= episode.until
    touches = alert.is_open and episode.since <= alert.until_date + timedelta(days=1)
    return is_there and is_so and (overlaps or (touches and episode.is_open))


def _follow(connection: sa.Connection, alert: Alert, episode: Episode) -> None:
    values: dict[str, Any] = {"until_date": episode.until, "ratio": episode.ratio}
    if episode.is_open:
        values["closed_at"] = None
    _update(connection, alert.alert_id, **values)


def _insert(connection: sa.Connection, client_id: str, episode: Episode, now: datetime) -> Alert:
    result = connection.execute(
        _TABLE.insert().values(
            client_id=client_id,
            partner_id=episode.place.partner_id,
            site_id=episode.place.site_id,
            direction=episode.direction,
            cause=episode.cause,
            since_date=episode.since,
            until_date=episode.until,
            ratio=episode.ratio,
            opened_at=now,
            closed_at=None if episode.is_open else now,
        )
    )
    assert result.inserted_primary_key is not None
    return _of_number(connection, int(result.inserted_primary_key[0]))


def _update(connection: sa.Connection, alert_id: int, **values: Any) -> None:
    connection.execute(_TABLE.update().where(_TABLE.c.alert_id == alert_id).values(**values))


def _of_number(connection: sa.Connection, alert_id: int) -> Alert:
    return _alerts(connection, sa.select(_TABLE).where(_TABLE.c.alert_id == alert_id))[0]


def _alerts(connection: sa.Connection, query: sa.Select[Any]) -> list[Alert]:
    newest_first = query.order_by(_TABLE.c.since_date.desc(), _TABLE.c.alert_id.desc())
    return [Alert(**row._mapping) for row in connection.execute(newest_first)]
