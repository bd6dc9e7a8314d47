"""Reads the marts of one client's snapshot, cached per build: a build never changes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import streamlit as st

from matchbook import snapshots
from matchbook.registry import Client
from matchbook.settings import Settings


@dataclass(frozen=True)
class View:
    """What a page shows: one client, as of one build."""

    settings: Settings
    client: Client
    build_id: str
    as_of: datetime
    as_of_date: date


def open_view(settings: Settings, client: Client) -> View:
    """The client as last published. Raises SnapshotUnavailable before the first night."""
    snapshot = snapshots.current(settings, client.client_id)
    return View(settings, client, snapshot.build_id, snapshot.as_of, snapshot.as_of_date)


def rows(view: View, sql: str, **parameters: Hashable) -> pd.DataFrame:
    """All rows of a query on the snapshot; `$name` in the SQL is a bound parameter."""
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
        return connection.execute(sql, dict(bound)).df()
