"""Setting up a pixel: its site, its integrations, and the snippet to copy."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import identity
from dashboard.components.markup import note, numbered
from dashboard.components.notice import notice
from dashboard.translate import errors_in_words
from matchbook import pixels, registry
from matchbook.access import Action
from matchbook.registry import MAPP_EMAIL, Client, Site
from matchbook.settings import Settings

A_NEW_SITE = "A new site"
MADE = "pixel_made"
EDITED = "pixel_edited"
MAPP_HELP = (
    "A click in an e-mail ties the contact to the browser on your landing page, also where "
    "third-party cookies are blocked. It needs the client's switch for link clicks."
)
PARTNER_HELP = (
    "Tells this partner's cookie id with every page view, once the visitor has consented."
)
PARTITIONED_HELP = (
    "Matches on that site only: the browser keeps a separate number for each site, so what it "
    "does on one of your sites does not help to recognise it on another."
)
FOLLOWS = "Running collectors follow within a second; browsers within five minutes."


@dataclass(frozen=True)
class Choice:
    """What the switches say."""

    integrations: tuple[str, ...]
    partitioned: bool


def new_pixel(settings: Settings, client: Client) -> None:
    """Three steps: site, integrations, snippet."""
    sites = [s for s in registry.current(settings).sites if s.client_id == client.client_id]
    without = {site.name: site.site_id for site in sites if site.pixel is None}
    numbered(1, "Choose the site")
    left, _ = st.columns([2, 1])
    with left:
        name = str(st.selectbox("Site", [*without, A_NEW_SITE], filter_mode=None))
        typed = ("", "")
        if name == A_NEW_SITE:
            typed = (
                st.text_input("Name", max_chars=80, placeholder="Shop"),
                st.text_input(
                    "Addresses", placeholder="www.shop.example", help="Separated by commas."
                ),
            )
    numbered(2, "Choose its integrations")
    choice = switches(client, None, key="new")
    with errors_in_words():
        if st.button("Make the pixel", type="primary"):
            st.session_state[MADE] = _make(settings, client, without.get(name), typed, choice)
            st.rerun()
    numbered(3, "Copy the snippet into your pages")
    made = next((site for site in sites if site.site_id == st.session_state.get(MADE)), None)
    if made is None:
        note("It appears here when the pixel is made.")
        return
    notice("check", f"The pixel of {made.name} is made.", FOLLOWS)
    show_snippet(settings, client, made)


def open_editor(site_id: str) -> None:
    """Edit this site's pixel until it is saved or dismissed."""
    st.session_state[EDITED] = site_id


def close_editor() -> None:
    """Edit none."""
    st.session_state.pop(EDITED, None)


@st.dialog("Pixel", width="large", on_dismiss=close_editor)
def edit_pixel(settings: Settings, client: Client, site_id: str) -> None:
    """Switches and snippet of a site; a site without a pixel gets one."""
    with errors_in_words():
        site = pixels.find_site(registry.current(settings), client.client_id, site_id)
        numbered("", site.name, " · ".join(site.hosts))
        choice = switches(client, site, key=f"edit_{site_id}")
        if st.button("Save" if site.pixel else "Make the pixel", type="primary"):
            _set(settings, client, site_id, choice)
            close_editor()
            st.rerun()
        note(FOLLOWS)
        if site.pixel:
            show_snippet(settings, client, site)


def switches(client: Client, site: Site | None, *, key: str) -> Choice:
    """One switch per integration on offer, and the one for partitioned cookies."""
    pixel = site.pixel if site else None
    offered = pixels.integrations_on_offer(client)
    columns = st.columns(3)
    chosen = []
    for position, (integration, name) in enumerate(offered.items()):
        is_on = integration in pixel.integrations if pixel else True
        words = MAPP_HELP if integration == MAPP_EMAIL else PARTNER_HELP
        with columns[position % 3]:
            if st.toggle(name, value=is_on, key=f"{key}_{integration}", help=words):
                chosen.append(integration)
    partitioned = st.toggle(
        "Partitioned cookie: matches on that site only",
        value=pixel.partitioned if pixel else False,
        key=f"{key}_partitioned",
        help=PARTITIONED_HELP,
    )
    return Choice(tuple(chosen), partitioned)


def show_snippet(settings: Settings, client: Client, site: Site) -> None:
    """Both forms, to copy."""
    made = pixels.snippet(settings, client, site)
    note("Script: into the head of every page. It reports page views and does the integrations.")
    st.code(made.script, language="html", wrap_lines=True)
    if pixels.unread_partners(site):
        note("Fill in the cookie ids between the quotes: for these partners only the page knows.")
    note("Image: only where no script is possible. It reports page views and nothing else; give "
         "each page its own address behind u=.")  # fmt: skip
    st.code(made.image, language="html", wrap_lines=True)
    if not client.collector_hosts:
        note("Better with a host name of your own, such as px.shop.example: browsers keep its "
             "cookie longer. Whoever runs Matchbook adds it to collector_hosts.")  # fmt: skip


def _make(
    settings: Settings, client: Client, site_id: str | None, typed: tuple[str, str], choice: Choice
) -> str:
    if site_id is None:
        with identity.acting(settings, client.client_id, Action.SETTINGS, "site_add") as act:
            site_id = pixels.add_site(settings, client.client_id, typed[0], typed[1], by=act.by)
            act.about = site_id
    _set(settings, client, site_id, choice)
    return site_id


def _set(settings: Settings, client: Client, site_id: str, choice: Choice) -> None:
    with identity.acting(
        settings, client.client_id, Action.SETTINGS, "pixel_set", about=site_id
    ) as act:
        pixels.set_pixel(
            settings,
            client.client_id,
            site_id,
            integrations=choice.integrations,
            partitioned=choice.partitioned,
            by=act.by,
        )
