"""One partner on one site: its syncs, its tag, and the calls of it that were rejected."""

from __future__ import annotations

from pathlib import PurePath

import pandas as pd
import streamlit as st

from dashboard import formats, identity, navigation
from dashboard.app_pages.filters import choose
from dashboard.components.markup import anchor, heading, note
from dashboard.components.notice import notice
from dashboard.components.pixel_card import PixelCard, pixel_card
from dashboard.components.table import Column, number, table, text
from dashboard.queries import partners
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View
from dashboard.wording import reason
from matchbook import registry
from matchbook.partners import Partner, load_partners
from matchbook.partners.facts import GRADES
from matchbook.registry import Client, Site
from matchbook.settings import Settings
from matchbook.sync_tags import sync_tag

DETAIL = "partner-on-site"
PARTNER, SITE = "partner", "site"
NO_SITE = "Pages without a site"


def choose_place(settings: Settings, client: Client) -> tuple[str, str]:
    """Partner and site, chosen in the grid or here; no site stands for calls that name none."""
    anchor(DETAIL)
    heading("One partner on one site")
    nine = _own(client)
    sites = [s for s in registry.current(settings).sites if s.client_id == client.client_id]
    left, right, _ = st.columns([2, 2, 3])
    with left:
        partner_id = choose("Partner", {p: nine[p].name for p in nine}, key=PARTNER)
    with right:
        names = {site.site_id: site.name for site in sites}
        site_id = choose("Site", {**names, "": NO_SITE}, key=SITE)
    return partner_id, site_id


def partner_detail(settings: Settings, client: Client, view: View, place: tuple[str, str]) -> None:
    """Syncs, rejected calls and tag of one partner on one site."""
    partner, site_id = _own(client)[place[0]], place[1]
    sites = registry.current(settings).sites
    site = next((site for site in sites if site.site_id == site_id), None)
    _calls(view, partner, site_id, site)
    _further(view, partner)
    _rejected(view, partner, site_id)
    if site:
        show_sync_tag(settings, client, site, partner)


def _further(view: View, partner: Partner) -> None:
    """The ways from a partner to its rate, its files and the pixels of its sites."""
    client = identity.label(view.settings, view.client)
    rate, files, pixels, _ = st.columns([1, 1, 1, 1])
    with rate:
        navigation.link("match_rates", "Its match rate", client, partner=partner.name)
    with files:
        navigation.link("nightly_files", "Its nightly files", client, partner=partner.name)
    with pixels:
        navigation.link("pixels", "Your pixels", client)


def _own(client: Client) -> dict[str, Partner]:
    own = {p.partner_id for p in client.partners}
    return {p.partner_id: p for p in load_partners() if p.partner_id in own}


def show_sync_tag(settings: Settings, client: Client, site: Site, partner: Partner) -> None:
    """The snippet of a partner on a site, and whether it is needed."""
    heading(f"{partner.name}'s tag on {site.name}")
    if site.pixel and partner.partner_id in site.pixel.integrations and partner.web_places:
        notice("check", f"The pixel of {site.name} reads {partner.name}'s id by itself.",
               "This tag is needed only where the pixel is not.")  # fmt: skip
    tag = sync_tag(settings, client, site, partner)
    note(f"Goes to: {tag.fires}. Fire it after consent. "
         f"How to find the id is {tag.grade}: {GRADES[tag.grade]}.")  # fmt: skip
    st.code(tag.code, language="html", wrap_lines=True)
    if tag.remark:
        note(tag.remark)


def _calls(view: View, partner: Partner, site_id: str, site: Site | None) -> None:
    found = partners.sites(view)
    of_it = found[(found["partner_id"] == partner.partner_id) & (found["site_id"] == site_id)]
    days = partners.syncs_per_day(view, partner.partner_id, site_id) if not of_it.empty else ()
    state, is_trouble = _state(view, None if of_it.empty else of_it.iloc[0])
    with st.container(border=True):
        pixel_card(
            PixelCard(
                site=f"{partner.name} on {site.name if site else NO_SITE.lower()}",
                hosts=site.hosts if site else (),
                state=state,
                is_trouble=is_trouble,
                days=days,
                integrations=(),
            )
        )


def _state(view: View, row: pd.Series | None) -> tuple[str, bool]:
    if row is None:
        return "Never synced", False
    if row["is_silent"]:
        since = formats.short_day(pd.Timestamp(row["last_synced_date"]) + pd.Timedelta(days=1))
        return f"Silent since {since}", True
    return f"Last sync {formats.moment(row['last_synced_at'], view.client.time_zone)}", False


def _rejected(view: View, partner: Partner, site_id: str) -> None:
    found = partners.rejected(view, partner.partner_id, site_id)
    heading("Rejected calls", "Of the last 30 days. What stood in them is not shown.")
    if found.empty:
        note("None.")
        return
    columns = (
        text("Why", "reason", reason),
        number("Calls", "calls", meaning=describe(view, "rejected_calls.calls")),
        text("Last on", "last_day", lambda day: formats.short_day(pd.Timestamp(day).date())),
        Column("The last one stands in", _place),
    )
    table(view, found, columns, file_name="rejected-calls")


def _place(row: pd.Series) -> str:
    if not isinstance(row["file_name"], str):
        return formats.NOTHING
    return f"{PurePath(row['file_name']).name}, line {formats.count(row['line_number'])}"
