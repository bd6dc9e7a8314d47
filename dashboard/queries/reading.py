"""Reads the marts of one client's snapshot, cached per build: a build never changes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pandas as pd
import streamlit as st

from dashboard import identity
from matchbook import snapshots
from matchbook.access import Action
from matchbook.errors import SnapshotOutdated
from matchbook.reading import select
from matchbook.registry import Client
from matchbook.settings import Settings

_NOT_THERE = ("Catalog Error: Table with name", "Binder Error: Referenced column")


@dataclass(frozen=True)
class View:
    """What a page shows: one client, as of one build."""

    settings: Settings
    granted: Client
    build_id: str
    as_of: datetime
    as_of_date: date

    @property
    def client(self) -> Client:
        """Whose data it is, as often as somebody asks: only while it is granted to whoever is here.

        Raises PermissionDenied. Every query names its client by this.
        """
        identity.require(self.settings, self.granted.client_id, Action.READ)
        return self.granted


def open_view(settings: Settings, client: Client) -> View:
    """The client as last published, to whom it is granted. Raises SnapshotUnavailable before the
    first night, and PermissionDenied.
    """
    identity.require(settings, client.client_id, Action.READ)
    snapshot = snapshots.current(settings, client.client_id)
    return View(settings, client, snapshot.build_id, snapshot.as_of, snapshot.as_of_date)


def rows(view: View, sql: str, **parameters: Hashable) -> pd.DataFrame:
    """All rows of a query on the snapshot; `$name` in the SQL is a bound parameter.

    Raises SnapshotOutdated when the snapshot is from before the mart or column asked for, and
    PermissionDenied when the client is not granted, or no longer.
    """
    bound = tuple(sorted(parameters.items()))
    home = str(view.settings.home)
    return _cached(home, view.client.client_id, view.build_id, sql, bound, view.settings)


@st.cache_data(ttl="1h", max_entries=400, show_spinner=False)
def _cached(
    home: str,
    client_id: str,
    build_id: str,
    sql: str,
    bound: tuple[tuple[str, Hashable], ...],
    _settings: Settings,
) -> pd.DataFrame:
    with snapshots.open_snapshot(_settings, client_id) as connection:
        try:
            return select(connection, sql, dict(bound)).df()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            if not str(error).startswith(_NOT_THERE):
                raise
            raise SnapshotOutdated(
                "A part of this page is not in the data yet: it was built before an update.",
                kept="Everything else is shown as it was built.",
                todo="Run: matchbook build, then matchbook publish. The next night does both.",
            ) from None
