"""Setting up a partner: who and where, its tag, its channel, and activating it."""

from __future__ import annotations

import streamlit as st

from dashboard import identity
from dashboard.app_pages.filters import choose
from dashboard.app_pages.partner_channel import channel_form
from dashboard.app_pages.partner_detail import show_sync_tag
from dashboard.app_pages.partner_trials import activation, trials
from dashboard.components.markup import note, numbered
from dashboard.components.notice import notice
from dashboard.components.plain_table import plain_table
from dashboard.translate import errors_in_words
from matchbook import client_partners, partner_channels, registry
from matchbook.access import Action
from matchbook.partners import Partner, load_partners
from matchbook.partners.facts import facts_of
from matchbook.registry import Client, ClientPartner, Site
from matchbook.settings import Settings

SETUP_PARTNER = "set_up"
EVERY_NIGHT = (
    "Without a channel its files stay in a folder on this server, one every night. That is enough "
    "to see what it would get."
)


def partner_setup(settings: Settings, client: Client) -> None:
    """Four steps; what is done stays done, and can be changed here later."""
    if not identity.may(settings, client.client_id, Action.SETTINGS):
        note("Partners are set up by managers.")
        return
    sites = [s for s in registry.current(settings).sites if s.client_id == client.client_id]
    numbered(1, "Choose the partner and its sites")
    partner, chosen = _who(settings, client, sites)
    numbered(2, "Copy its tag")
    _tags(settings, client, partner, chosen)
    own = {one.partner_id for one in client.partners}
    numbered(3, "Say where its files go")
    if partner.partner_id not in own:
        note(f"First save {partner.name} in step 1.")
        return
    _what_it_takes(settings, client, partner)
    note(EVERY_NIGHT)
    channel_form(settings, client, partner)
    channel = partner_channels.find(settings, client.client_id, partner.partner_id)
    if channel is None:
        return
    trials(settings, channel)
    numbered(4, "Activate")
    activation(settings, channel)


def _who(settings: Settings, client: Client, sites: list[Site]) -> tuple[Partner, list[Site]]:
    nine = {partner.partner_id: partner for partner in load_partners()}
    left, right = st.columns(2)
    with left:
        partner_id = choose("Partner", {p: nine[p].name for p in nine}, key=SETUP_PARTNER)
    partner = nine[partner_id]
    before = next((one for one in client.partners if one.partner_id == partner_id), None)
    with right:
        codes = st.text_input(
            "Codes of your own there", key=f"codes_{partner_id}", max_chars=300,
            value=", ".join(before.codes) if before else "", placeholder="none",
            help="What its tag calls you, such as Piano's PO_12345678. Separated by commas.",
        )  # fmt: skip
    names = {site.name: site for site in sites}
    chosen = st.multiselect(
        "Sites", list(names), default=_carrying(sites, partner_id), key=f"sites_{partner_id}"
    )
    label = "Save" if before else f"Work with {partner.name}"
    with errors_in_words():
        if st.button(label, type="secondary" if before else "primary", key="save_partner"):
            _save(settings, client, partner_id, codes, [names[name] for name in chosen])
            st.rerun()
    if before:
        _say_saved(partner, before)
    return partner, [names[name] for name in chosen]


def _carrying(sites: list[Site], partner_id: str) -> list[str]:
    found = [s.name for s in sites if s.pixel and partner_id in s.pixel.integrations]
    return found or [site.name for site in sites[:1]]


def _save(
    settings: Settings, client: Client, partner_id: str, codes: str, sites: list[Site]
) -> None:
    with identity.acting(
        settings, client.client_id, Action.SETTINGS, "partner_save", about=partner_id
    ) as act:
        client_partners.work_with(
            settings,
            client.client_id,
            partner_id,
            codes=client_partners.codes_in(codes),
            site_ids=tuple(site.site_id for site in sites),
            by=act.by,
        )


def _say_saved(partner: Partner, before: ClientPartner) -> None:
    codes = f" under {', '.join(before.codes)}" if before.codes else ""
    note(f"{partner.name} is among your partners{codes}.")


def _tags(settings: Settings, client: Client, partner: Partner, sites: list[Site]) -> None:
    if not sites:
        note("Choose a site.")
        return
    by_name = {site.name: site for site in sites}
    name = sites[0].name
    if len(sites) > 1:
        name = str(st.segmented_control("Tag for", list(by_name), default=name, required=True))
    show_sync_tag(settings, client, by_name.get(name, sites[0]), partner)


def _what_it_takes(settings: Settings, client: Client, partner: Partner) -> None:
    channel = partner_channels.find(settings, client.client_id, partner.partner_id)
    profile = channel.profile if channel else partner.delivery
    if profile.removals.how == "unable":
        notice("warning", f"{partner.name} cannot take removals.", profile.removals.says)
    with st.expander(f"What {partner.name} takes, and how sure that is"):
        facts = facts_of(client.has_agreed(partner), profile)
        plain_table(
            ("", "", "Grade"), [(fact.label, fact.text, fact.grade.capitalize()) for fact in facts]
        )
