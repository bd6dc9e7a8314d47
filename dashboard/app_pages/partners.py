"""Partners: the nine with their rate, last sync and last file; where they fire; adding one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import formats
from dashboard.app_pages.first_run import STANDS_HERE
from dashboard.app_pages.opening import open_client
from dashboard.app_pages.partner_detail import DETAIL, PARTNER, choose_place, partner_detail
from dashboard.app_pages.partner_setup import SETUP_PARTNER, partner_setup
from dashboard.app_pages.partner_sites import partner_sites
from dashboard.components.empty import Step, first_steps
from dashboard.components.markup import heading, named_lines, note
from dashboard.components.partner_card import PartnerCard, partner_cards
from dashboard.context import settings as served
from dashboard.queries import partners
from dashboard.queries.attention import silent_since
from dashboard.queries.nightly import counted, outcome
from dashboard.queries.partners import Standing
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from matchbook.partners.profile import Removals
from matchbook.registry import Client
from matchbook.settings import Settings

YOURS, SET_UP = "Your partners", "Set up a partner"
TAB = "tab"
DAY = 24
FILE_TROUBLES = {
    "rejected": "File not delivered",
    "unknown": "File not certain",
    "waiting": "File waits",
}
FOUR_STEPS = (
    Step("Choose the partner and its sites"),
    Step("Copy its snippet"),
    Step("Test the connection and send a sample file"),
    Step("Activate"),
)


def page() -> None:
    """The page."""
    opened = open_client("Partners")
    if opened is None:
        return
    client, view = opened
    settings = served()
    if not client.partners:
        first_steps("No partner yet.", STANDS_HERE["Partners"], FOUR_STEPS)
        partner_setup(settings, client)
        return
    tabs = st.tabs([YOURS, SET_UP], key=TAB, bind="query-params")
    if tabs[0].open:
        with tabs[0]:
            _yours(settings, client, view)
    if tabs[1].open:
        with tabs[1]:
            partner_setup(settings, client)


def _yours(settings: Settings, client: Client, view: View | None) -> None:
    found = _standings(settings, client, view)
    cards = [_card(client, standing) for standing in found]
    partner_cards(cards, key="partner_cards", on_pick=_chosen_from(found), goto=DETAIL)
    if view is None:
        note("What they call is counted from tonight's run on.")
    else:
        with as_far_as_built():
            above = st.container()
            place = choose_place(settings, client)
            with above:
                partner_sites(view, client, place)
            partner_detail(settings, client, view, place)
    _removals(found)


def _standings(settings: Settings, client: Client, view: View | None) -> list[Standing]:
    found: list[Standing] = []
    with as_far_as_built():
        found = partners.standings(settings, client, view)
    return found or partners.standings(settings, client, None)


def _card(client: Client, standing: Standing) -> PartnerCard:
    state, is_trouble = _state(standing)
    zone = client.time_zone
    synced, file = standing.last_synced_at, standing.last_file
    return PartnerCard(
        partner_id=standing.partner.partner_id,
        name=standing.partner.name,
        state=state,
        is_trouble=is_trouble,
        is_own=standing.is_own,
        takes_removals=_removal(standing).how != "unable",
        rate=formats.rate(standing.match_rate, standing.records) if standing.is_own else "",
        last_sync=formats.moment(synced, zone) if synced else "never",
        last_file=f"{formats.short_day(file.as_of)}, {formats.plural(counted(file), 'row')}"
        if file
        else "none yet",
        remark=_remark(standing),
    )


def _state(standing: Standing) -> tuple[str, bool]:
    channel, file = standing.channel, standing.last_file
    if not standing.is_own:
        return "Not set up", False
    if channel and not channel.is_active:
        return ("Paused" if channel.activated_at else "Not active yet"), False
    if file and outcome(file) in FILE_TROUBLES:
        return FILE_TROUBLES[outcome(file)], True
    if standing.silent:
        return "Silent on " + formats.plural(len(standing.silent), "site"), True
    return "Active", False


def _remark(standing: Standing) -> str:
    if standing.silent and standing.is_own:
        name, day = standing.silent[0]
        more = f" and {len(standing.silent) - 1} more" if len(standing.silent) > 1 else ""
        return f"Silent on {name} since {formats.short_day(silent_since(day))}{more}"
    channel = standing.channel
    if channel is None or channel.cadence_hours == DAY:
        return ""
    return f"Every {channel.cadence_hours} hours"


def _removals(found: Sequence[Standing]) -> None:
    """Who cannot take an opt-out back, and what that means."""
    unable = [one for one in found if one.is_own and _removal(one).how == "unable"]
    if not unable:
        return
    heading(
        "Removals",
        "Whoever opts out is taken back with the next file. These partners have no way to do that:",
    )
    named_lines([(one.partner.name, _removal(one).says) for one in unable])


def _removal(standing: Standing) -> Removals:
    channel = standing.channel
    return (channel.profile if channel else standing.partner.delivery).removals


def _chosen_from(found: Sequence[Standing]) -> Callable[[str], None]:
    own = {one.partner.partner_id: one for one in found}

    def chosen(partner_id: str) -> None:
        one = own[partner_id]
        if one.is_own:
            st.session_state[PARTNER] = one.partner.name
        else:
            st.session_state[TAB] = SET_UP
            st.session_state[SETUP_PARTNER] = one.partner.name

    return chosen
