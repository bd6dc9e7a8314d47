"""What every page does first: whose data, is there any, how fresh is it."""

from __future__ import annotations

from dashboard import context, identity
from dashboard.components.empty import Step, first_steps
from dashboard.components.header import page_header, plain_header
from dashboard.components.notice import notice
from dashboard.queries.health import health, onboarding
from dashboard.queries.reading import View, open_view
from dashboard.translate import begin_page
from matchbook.errors import SnapshotUnavailable
from matchbook.registry import Client
from matchbook.settings import Settings


def open_page(title: str) -> View | None:
    """Header and view of the client shown; None, with the first steps drawn, without data."""
    opened = open_client(title)
    if opened is None:
        return None
    _, view = opened
    if view is None:
        show_first_steps(context.settings())
    return view


def open_client(title: str) -> tuple[Client, View | None] | None:
    """The same for pages that can be used before the first night: without data, no view."""
    begin_page()
    settings = context.settings()
    client = identity.chosen_client(settings)
    if client is None:
        plain_header(title, "")
        show_first_steps(settings)
        notice(
            "info",
            "No client is registered yet.",
            "Name yours with its sites and lists: matchbook registry apply FILE. "
            "Or look around with invented ones:",
            command="matchbook demo",
        )
        return None
    try:
        view = open_view(settings, client)
    except SnapshotUnavailable:
        plain_header(title, client.name)
        return client, None
    page_header(title, view, health(settings))
    return client, view


def show_first_steps(settings: Settings) -> None:
    """The way from nothing to the first night, ticked off as it is done."""
    done = onboarding(settings)
    first_steps(
        "No contacts yet.",
        (
            Step(
                "Upload your CRM file",
                "matchbook ingest crm --list LIST --mode opt-in FILE",
                done.has_uploads,
            ),
            Step("Put a pixel on your site", "matchbook ingest pixels LOG", done.has_calls),
            Step("Come back after tonight's run", "matchbook nightly"),
        ),
    )
