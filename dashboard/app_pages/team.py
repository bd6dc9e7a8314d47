"""Team: who may sign in for this client, and as what."""

from __future__ import annotations

import streamlit as st

from dashboard import context, formats, identity
from dashboard.app_pages.opening import open_client
from dashboard.components.markup import heading, note
from dashboard.components.notice import error_notice, notice
from dashboard.components.plain_table import plain_table
from dashboard.components.row_card import RowCard, row_card
from matchbook import team
from matchbook.access import Action, Role
from matchbook.errors import MatchbookError
from matchbook.registry import Client
from matchbook.settings import Settings
from matchbook.team import Member

SAID, EMAIL, ROLE = "team_said", "invite_email", "invite_role"
MEANINGS = {
    Role.ANALYST: "Sees every page of the client and downloads what is on it",
    Role.MARKETER: "The same, uploads files, builds audiences and pushes them",
    Role.MANAGER: "The same, and settings, team, opt-outs and erasures, look-ups of single "
    "records, audit log",
}


def page() -> None:
    """The page."""
    opened = open_client("Team")
    if opened is None:
        return
    client, _ = opened
    settings = context.settings()
    _say()
    if settings.sign_in is None:
        notice("info", "Nobody signs in here yet.", "Whoever is in the team may, once a provider "
               "is set up: docs/access.md.")  # fmt: skip
    heading(f"Who works for {client.name}", "A change holds from the next thing they do on.")
    found = team.members(settings, client.client_id)
    if not found:
        note("Nobody yet. Begin with a manager.")
    for member in found:
        with st.container(border=True):
            _member(settings, client, member)
    _invitation(settings, client)
    heading("What each role may do")
    plain_table(("Role", "May"), [(role.capitalize(), words) for role, words in MEANINGS.items()])


def _member(settings: Settings, client: Client, member: Member) -> None:
    left, middle, right = st.columns([7, 3, 2], vertical_alignment="center")
    at = formats.moment(member.changed_at, client.time_zone)
    seen = formats.moment(member.seen_at, client.time_zone) if member.seen_at else ""
    with left:
        row_card(
            RowCard(
                member.email,
                f"{member.role.capitalize()} since {at}, by {member.changed_by}",
                f"Last here {seen}" if seen else "Not here yet",
            )
        )
    with middle:
        key = f"role_{member.email}_{member.role}"
        st.selectbox(
            f"Role of {member.email}", list(Role), index=list(Role).index(member.role), key=key,
            format_func=str.capitalize, label_visibility="collapsed", filter_mode=None,
            on_change=lambda: _put(settings, client, member.email, st.session_state[key]),
        )  # fmt: skip
    with right, st.popover("Remove", width="stretch"):
        st.write(f"{member.email} sees nothing of {client.name} any more.")
        st.button("Remove now", key=f"remove_{member.email}", on_click=_remove,
                  args=(settings, client, member.email))  # fmt: skip


def _invitation(settings: Settings, client: Client) -> None:
    heading("Invite", "By the e-mail address that the provider knows them by. No mail is sent: "
            "tell them the address of this dashboard.")  # fmt: skip
    left, middle, right = st.columns([6, 3, 2], vertical_alignment="bottom")
    with left:
        st.text_input("E-mail address", max_chars=254, key=EMAIL)
    with middle:
        st.selectbox("Role", list(Role), key=ROLE, filter_mode=None, format_func=str.capitalize)
    with right:
        st.button("Invite", type="primary", width="stretch", key="invite",
                  on_click=_invite, args=(settings, client))  # fmt: skip


def _invite(settings: Settings, client: Client) -> None:
    _put(settings, client, str(st.session_state[EMAIL]), st.session_state[ROLE])
    if not isinstance(st.session_state[SAID], MatchbookError):
        st.session_state[EMAIL] = ""


def _put(settings: Settings, client: Client, email: str, role: Role) -> None:
    try:
        by = identity.require(settings, client.client_id, Action.USERS, about="team").name
        team.put(settings, email, client.client_id, Role(role), by=by)
        st.session_state[SAID] = f"{email.strip().lower()} is {role} now."
    except MatchbookError as error:
        st.session_state[SAID] = error
    identity.forget()


def _remove(settings: Settings, client: Client, email: str) -> None:
    try:
        by = identity.require(settings, client.client_id, Action.USERS, about="team").name
        team.remove(settings, email, client.client_id, by=by)
        st.session_state[SAID] = f"{email} is not in the team any more."
    except MatchbookError as error:
        st.session_state[SAID] = error
    identity.forget()


def _say() -> None:
    said = st.session_state.pop(SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    elif said:
        notice("check", said)
