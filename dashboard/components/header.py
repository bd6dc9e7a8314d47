"""The top of every page: what it is, whose it is, how fresh it is."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.components.markup import escape, quiet_line
from dashboard.components.notice import notice
from dashboard.queries.health import Health, is_stale
from dashboard.queries.reading import View


def page_header(title: str, view: View, health: Health) -> None:
    """Title, client and freshness; below it whatever a person has to know about the nights."""
    zone = view.client.time_zone
    st.html(
        f'<header class="mb-header"><div class="mb-client">{escape(view.client.name)}</div>'
        f"<h1>{escape(title)}</h1>"
        f'<p class="mb-fresh">Data as of {escape(formats.moment(view.as_of, zone))} · '
        f"{escape(_last_night(health, zone))} · times in {escape(zone)}</p></header>"
    )
    _trouble(view, health)
    if health.running:
        quiet_line(health.running, "running")


def plain_header(title: str, client_name: str) -> None:
    """The header before anything was published."""
    st.html(
        f'<header class="mb-header"><div class="mb-client">{escape(client_name)}</div>'
        f"<h1>{escape(title)}</h1></header>"
    )


def _last_night(health: Health, zone: str) -> str:
    if health.failed_step:
        return "last night failed"
    if health.unpublished_at:
        return f"built {formats.clock_time(health.unpublished_at, zone)}, not yet published"
    return "last night OK" if health.ended_at else "published"


def _trouble(view: View, health: Health) -> None:
    zone = view.client.time_zone
    shown = f"You see the data of {formats.short_day(view.as_of_date)}."
    if health.failed_step:
        notice(
            "error",
            f"Last night failed at “{health.failed_step}”. {shown}",
            "Run it again: it repeats nothing that is done.",
            command="matchbook nightly",
        )
    elif health.failed_build:
        notice("error", f"{health.failed_build} {shown}", "Build again:", command="matchbook build")
    elif health.unpublished_at:
        built = formats.clock_time(health.unpublished_at, zone)
        notice("warning", f"Built {built}, not yet published. {shown}", command="matchbook publish")
    elif is_stale(view.settings, view.as_of):
        age = (view.settings.clock.now() - view.as_of).days
        notice(
            "warning",
            f"This data is {formats.plural(max(age, 1), 'day')} old. {shown}",
            "No night has run since.",
            command="matchbook nightly",
        )
    if health.waiting:
        notice(
            "warning",
            f"{formats.plural(health.waiting, 'task')} waiting, and nothing works on them.",
            "Start the worker:",
            command="matchbook work",
        )
