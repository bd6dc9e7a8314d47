"""After a build: look at every client's series, and note what has changed since the last look."""

from __future__ import annotations

from datetime import date, timedelta

from matchbook import registry, snapshots, state
from matchbook.alerts import messages
from matchbook.alerts.episodes import Episode, episodes
from matchbook.alerts.series import read
from matchbook.alerts.store import Change, reconcile
from matchbook.clock import utc_naive
from matchbook.errors import SnapshotUnavailable
from matchbook.settings import Settings


def look(settings: Settings) -> list[Change]:
    """What opened and closed, of all clients; each change is also left for the webhook.

    The same build looked at again changes nothing. A client without a snapshot is left out.
    """
    changes: list[Change] = []
    for client in registry.current(settings).clients:
        try:
            found = look_at(settings, client.client_id)
        except SnapshotUnavailable:
            continue
        changes += found
    return changes


def look_at(settings: Settings, client_id: str) -> list[Change]:
    """One client. Raises SnapshotUnavailable."""
    newest, found = _episodes(settings, client_id)
    now = utc_naive(settings.clock.now())
    with state.begin(settings) as connection:
        changes = reconcile(connection, client_id, found, newest=newest, now=now)
        messages.leave(connection, settings, changes, now)
    return changes


def _episodes(settings: Settings, client_id: str) -> tuple[date, list[Episode]]:
    until = last_full_day(snapshots.current(settings, client_id))
    with snapshots.open_snapshot(settings, client_id) as connection:
        tables = {row[0] for row in connection.execute("show tables").fetchall()}
        if "call_days" not in tables:
            raise SnapshotUnavailable("The snapshot was built before an update.")
        counts = read(connection, until)
    return until, episodes(counts)


def last_full_day(snapshot: snapshots.Snapshot) -> date:
    """The last UTC day that had ended when the data came in."""
    return (snapshot.as_of - timedelta(days=1)).date()
