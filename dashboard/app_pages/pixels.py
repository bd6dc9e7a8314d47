"""Pixels: the sites with theirs, setting one up, checking a page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.first_run import STANDS_HERE
from dashboard.app_pages.opening import open_client
from dashboard.app_pages.pixel_check import check_a_page
from dashboard.app_pages.pixel_forms import EDITED, edit_pixel, new_pixel, open_editor
from dashboard.components.empty import Step, first_steps
from dashboard.components.markup import heading
from dashboard.components.pixel_card import PixelCard, pixel_card
from dashboard.components.table import number, table, text
from dashboard.components.tile import Tile, tiles
from dashboard.context import settings as served
from dashboard.queries import site_calls
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View
from dashboard.queries.site_calls import NO_CALLS, Calls
from dashboard.translate import as_far_as_built
from matchbook import pixels, registry
from matchbook.registry import Client, Site

TABS = ["Your pixels", "New pixel", "Check a page"]
THREE_STEPS = (
    Step("Choose the site"),
    Step("Choose its integrations"),
    Step("Copy the snippet into its pages"),
)
NO_DECLARATION = (
    "Only calls that bring consent with them count here: nobody has declared that this site's tag "
    "fires after consent."
)


def page() -> None:
    """The page."""
    opened = open_client("Pixels")
    if opened is None:
        return
    client, view = opened
    settings = served()
    sites = [s for s in registry.current(settings).sites if s.client_id == client.client_id]
    if not any(site.pixel for site in sites):
        first_steps("New pixel in three steps", STANDS_HERE["Pixels"], THREE_STEPS)
        new_pixel(settings, client)
        return
    tabs = st.tabs(TABS, key="tab", bind="query-params")
    if tabs[0].open:
        with tabs[0]:
            _your_pixels(client, sites, view)
    if tabs[1].open:
        with tabs[1]:
            new_pixel(settings, client)
    if tabs[2].open:
        with tabs[2]:
            check_a_page(settings, client)


def _your_pixels(client: Client, sites: Sequence[Site], view: View | None) -> None:
    calls: dict[str, Calls] = {}
    by_kind = pd.DataFrame()
    if view:
        with as_far_as_built():
            calls, by_kind = site_calls.calls_by_site(view), site_calls.by_kind(view)
    if view and calls:
        _numbers(view, sites, calls)
    heading("Sites", "Bars: calls per day in the last 30 days.")
    for site in sites:
        found = calls.get(site.site_id, NO_CALLS)
        with st.container(border=True):
            left, right = st.columns([7, 1], vertical_alignment="center")
            with left:
                pixel_card(_card(client, site, found))
            with right:
                label = "Edit" if site.pixel else "Set up"
                st.button(
                    label,
                    key=f"open_{site.site_id}",
                    width="stretch",
                    on_click=open_editor,
                    args=(site.site_id,),
                )
    if (edited := st.session_state.get(EDITED)) in {site.site_id for site in sites}:
        edit_pixel(served(), client, str(edited))
    if view and not by_kind.empty:
        _table(view, sites, by_kind)


def _numbers(view: View, sites: Sequence[Site], calls: dict[str, Calls]) -> None:
    own = [site for site in sites if site.pixel]
    quiet = [s.name for s in own if calls.get(s.site_id, NO_CALLS).last_call_at is None]
    quiet += [s.name for s in own if calls.get(s.site_id, NO_CALLS).is_silent]
    newest = max((c.last_call_at, site_id) for site_id, c in calls.items() if c.last_call_at)
    names = {site.site_id: site.name for site in sites}
    days = [c.days for c in calls.values()]
    last, before = (sum(part[-n][1] for part in days) for n in (1, 8))
    tiles(
        [
            Tile(
                "Last call",
                formats.moment(newest[0], view.client.time_zone),
                f"on {names.get(newest[1], newest[1])}",
            ),
            Tile(
                "Sites that call",
                f"{len(own) - len(quiet)} of {len(own)}",
                f"Quiet for two days or more: {', '.join(quiet)}"
                if quiet
                else "Every site with a pixel called in the last two days",
            ),
            Tile(
                f"Calls on {formats.short_day(site_calls.last_full_day(view))}",
                formats.count(last),
                "page views, partner syncs, events and sign-ins of people, robots left out",
                _on_last_week(last - before),
                describe(view, "site_days.hits"),
            ),
        ]
    )


def _on_last_week(difference: int) -> str:
    if not difference:
        return "as a week before"
    return f"{formats.arrow(difference)} {formats.count(abs(difference))} on a week before"


def _card(client: Client, site: Site, calls: Calls) -> PixelCard:
    names = pixels.integrations_on_offer(client)
    chosen = site.pixel.integrations if site.pixel else ()
    state, is_trouble = _state(client, site, calls)
    return PixelCard(
        site=site.name,
        hosts=site.hosts,
        state=state,
        is_trouble=is_trouble,
        days=calls.days,
        integrations=[name for integration, name in names.items() if integration in chosen],
        remark=NO_DECLARATION if site.pixel and site.consent_declaration is None else "",
    )


def _state(client: Client, site: Site, calls: Calls) -> tuple[str, bool]:
    if calls.last_call_at is None:
        return ("No call yet", True) if site.pixel else ("No pixel yet", False)
    last = f"Last call {formats.moment(calls.last_call_at, client.time_zone)}"
    return last, calls.is_silent


def _table(view: View, sites: Sequence[Site], by_kind: pd.DataFrame) -> None:
    heading("In numbers", f"Calls in the last {site_calls.DAYS_SHOWN} days, by kind.")
    names = {site.site_id: site.name for site in sites}
    zone = view.client.time_zone
    columns = (
        text("Site", "site_id", lambda site_id: names.get(site_id, site_id)),
        text("Last call", "last_call_at", lambda value: formats.moment(value, zone)),
        number("Page views", "page_views", meaning=describe(view, "site_days.page_views")),
        number("Partner syncs", "syncs", meaning=describe(view, "site_days.syncs")),
        number("Events", "events", meaning=describe(view, "site_days.events")),
        number("Sign-ins", "identifies", meaning=describe(view, "site_days.identifies")),
        number("All calls", "hits", meaning=describe(view, "site_days.hits")),
    )
    table(view, by_kind, columns, file_name="pixel-calls")
