"""What every page does first: whose data, is there any, how fresh is it."""

from __future__ import annotations

from dashboard import context, identity
from dashboard.app_pages.first_run import first_run, next_step
from dashboard.components.header import page_header, plain_header
from dashboard.queries.health import health
from dashboard.queries.reading import View, open_view
from dashboard.translate import begin_page
from matchbook.errors import SnapshotUnavailable
from matchbook.registry import Client


def open_page(title: str) -> View | None:
    """Header and view of the client shown; None, with the first steps drawn, without data."""
    opened = _open(title)
    if opened is None:
        return None
    client, view = opened
    if view is None:
        first_run(context.settings(), client, title)
    return view


def open_client(title: str) -> tuple[Client, View | None] | None:
    """The same for pages that can be used before the first night: without data, no view."""
    opened = _open(title)
    if opened and opened[1] is None:
        next_step(context.settings(), opened[0])
    return opened


def _open(title: str) -> tuple[Client, View | None] | None:
    begin_page()
    settings = context.settings()
    client = identity.chosen_client(settings)
    if client is None:
        plain_header(title, "")
        first_run(settings, None, title)
        return None
    try:
        view = open_view(settings, client)
    except SnapshotUnavailable:
        plain_header(title, client.name)
        return client, None
    page_header(title, view, health(settings))
    return client, view
