"""Integrations: Mapp Digital – Email, activated here, and the two switches that feed it."""

from __future__ import annotations

import streamlit as st

from dashboard import context, formats, identity
from dashboard.app_pages.integration_form import account_form, ask_check, follow_check
from dashboard.app_pages.integration_partners import own_system, partner_destinations
from dashboard.app_pages.integration_switches import feature_switches
from dashboard.app_pages.opening import open_client
from dashboard.app_pages.push_rule import push_rule
from dashboard.components.markup import heading, named_lines
from dashboard.components.notice import notice
from dashboard.components.row_card import RowCard, row_card
from dashboard.translate import as_far_as_built, errors_in_words
from matchbook.access import Action
from matchbook.pushes import accounts
from matchbook.pushes.accounts import Account
from matchbook.registry import Client
from matchbook.settings import Settings

NAME = "Mapp Digital – Email"
TRUTHS = (
    ("Only who comes by", "The whole CEP list cannot be copied here. Only contacts who clicked a "
     "tracked link or read an e-mail online can be recognised."),
    ("Never certain", "A match is very likely, never certain: a link or a computer may be passed "
     "on. Unsure matches are not sent."),
    ("Not everybody", "An audience reaches only those of its people who are CEP contacts "
     "recognised this way. The builder shows how many."),
)  # fmt: skip


def page() -> None:
    """The page."""
    opened = open_client("Integrations")
    if opened is None:
        return
    client, view = opened
    settings = context.settings()
    active = accounts.find(settings, client.client_id)
    _standing(settings, client, active)
    follow_check(settings, client)
    if active is None:
        account_form(settings, client, None)
    else:
        _acts(settings, client, active)
        with st.expander("Change the account or its password"):
            account_form(settings, client, active)
    if view is not None:
        with as_far_as_built():
            feature_switches(view)
    heading("Good to know")
    named_lines(TRUTHS)
    partner_destinations(settings, client)
    own_system(settings, client)
    push_rule(settings, client)


def _standing(settings: Settings, client: Client, active: Account | None) -> None:
    heading(NAME, "Audiences become groups there, cloned from a default group and kept up to date.")
    if active is None:
        row_card(RowCard("Mapp CEP", "Not connected yet.", "Not active"))
        return
    zone = client.time_zone
    below = f"{active.api_url} · {active.user_name} · default group {active.group_id}"
    if active.group_name:
        below += f" “{active.group_name}”"
    if active.problem:
        row_card(RowCard("Mapp CEP", below, "Active, with a problem", is_trouble=True,
                         remark=active.problem))  # fmt: skip
        return
    at = formats.clock_time(active.checked_at, zone) if active.checked_at else ""
    row_card(RowCard("Mapp CEP", below, f"Active, checked {at}"))
    if "/v6" not in active.api_url:
        notice("info", "Version 6 of the API is the one this was made for.",
               "End the API URL with /api/rest/v6 if Mapp offers it.")  # fmt: skip


def _acts(settings: Settings, client: Client, active: Account) -> None:
    left, right, _ = st.columns([2, 2, 7])
    with left:
        st.button("Check again", key="check_cep", width="stretch", on_click=ask_check,
                  args=(settings, client, active.standing))  # fmt: skip
    with right, st.popover("Deactivate", width="stretch"):
        st.write("Pushes stop and the password is forgotten. Groups in CEP stay as they are.")
        st.button("Deactivate now", key="deactivate_cep", on_click=_deactivate,
                  args=(settings, client))  # fmt: skip


def _deactivate(settings: Settings, client: Client) -> None:
    with errors_in_words():
        person = identity.require(settings, client.client_id, Action.SETTINGS, about="cep")
        accounts.deactivate(settings, client.client_id, by=person.name)
