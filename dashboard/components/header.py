"""The top of every page: what it is, whose it is, how fresh it is."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.components.copy_link import copy_link
from dashboard.components.markup import escape, quiet_line
from dashboard.components.notice import notice
from dashboard.queries.health import Health, health, is_stale
from dashboard.queries.reading import View, open_view
from dashboard.translate import errors_in_words


def page_header(title: str, view: View, found: Health) -> None:
    """Title, client and freshness; below it whatever a person has to know about the nights."""
    zone = view.client.time_zone
    copy_link()
    st.html(
        f'<header class="mb-header"><div class="mb-client">{escape(view.client.name)}</div>'
        f"<h1>{escape(title)}</h1>"
        f'<p class="mb-fresh">Data as of {escape(formats.moment(view.as_of, zone))} · '
        f"{escape(_last_night(found, zone))} · times in {escape(zone)}</p></header>"
    )
    _trouble(view, found)
    if found.running:
        _progress(view)


def plain_header(title: str, client_name: str) -> None:
    """The header before anything was published."""
    copy_link()
    st.html(
        f'<header class="mb-header"><div class="mb-client">{escape(client_name)}</div>'
        f"<h1>{escape(title)}</h1></header>"
    )


def _last_night(found: Health, zone: str) -> str:
    if found.failed_step:
        return "last night failed"
    if found.unpublished_at:
        return f"built {formats.clock_time(found.unpublished_at, zone)}, not yet published"
    return "last night OK" if found.ended_at else "published"


@st.fragment(run_every="5s")
def _progress(view: View) -> None:
    """What runs now, kept fresh; the page is drawn anew when it has ended or published."""
    with errors_in_words():
        running = health(view.settings).running
        if not running or open_view(view.settings, view.client).build_id != view.build_id:
            st.rerun()
        quiet_line(running, "running")


def _trouble(view: View, found: Health) -> None:
    zone = view.client.time_zone
    shown = f"You see the data of {formats.moment(view.as_of, zone)}."
    if found.failed_step:
        notice(
            "error",
            f"Last night failed at “{found.failed_step}”. {shown}",
            "Run it again: it repeats nothing that is done.",
            command="matchbook nightly",
        )
    elif found.failed_build:
        notice("error", f"{found.failed_build} {shown}", "Build again:", command="matchbook build")
    elif found.unpublished_at:
        built = formats.clock_time(found.unpublished_at, zone)
        notice("warning", f"Built {built}, not yet published. {shown}", command="matchbook publish")
    elif is_stale(view.settings, view.as_of) and not found.running:
        age = (view.settings.clock.now() - view.as_of).days
        notice(
            "warning",
            f"This data is {formats.plural(max(age, 1), 'day')} old. {shown}",
            "No night has run since.",
            command="matchbook nightly",
        )
    if found.waiting:
        notice(
            "warning",
            f"{formats.plural(found.waiting, 'task')} waiting, and nothing works on them.",
            "Start the worker:",
            command="matchbook work",
        )
