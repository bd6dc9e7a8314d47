"""The door: who is let in, what others see instead, and the way out.

Streamlit talks to the provider (`st.login`) and keeps what it said; how long that holds and what
it allows is decided here, at every run.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import identity
from dashboard.components.markup import note, quiet_line
from dashboard.components.notice import notice
from matchbook import audit, sign_ins, team
from matchbook.access import Action, Person, denied
from matchbook.errors import NotSignedIn
from matchbook.registry import Client
from matchbook.settings import Settings

LOOKED_AFTER = "30s"
"""A page that is left open is covered so soon after its session has ended."""

KNOWN = ("unknown", "other", "unverified")
"""Why somebody is not let in whom the provider knows."""

_SAID = "sign_in_refused"
LOCAL = (
    "Without sign-in: whoever sits at this computer sees and may change everything; "
    "nobody else is let in."
)


def admit(settings: Settings) -> Person | NotSignedIn:
    """Whoever is here, at the start of a run; or why they are not let in."""
    try:
        return identity.current(settings, is_active=True)
    except NotSignedIn as error:
        _write_down(settings, error)
        return error


def sign_in_page(error: NotSignedIn) -> None:
    """What stands instead of every page for whoever is not let in."""
    with st.container(key="door"):
        st.html('<header class="mb-header"><h1>Sign in</h1></header>')
        if error.reason in ("none", "ended"):
            note(error.happened)
        else:
            notice("warning", error.happened, error.todo)
        if error.reason in KNOWN:
            st.button("Sign out", on_click=st.logout, key="sign_out")
        else:
            st.button("Sign in", on_click=st.login, type="primary", key="sign_in")


def who_is_here(settings: Settings, person: Person, client: Client | None) -> None:
    """Below the menu: who signed in, as what, and how to leave."""
    if person.is_local:
        return
    with st.sidebar.popover(person.name, width="stretch"):
        note(_standing(person, client))
        st.button("Sign out", key="sign_out", width="stretch", on_click=_sign_out, args=(settings,))
        st.button("Sign out everywhere", key="sign_out_all", width="stretch",
                  on_click=_sign_out_everywhere, args=(settings, person),
                  help="Ends your sessions in all browsers.")  # fmt: skip
    _look_after(settings)


def local_banner(person: Person) -> None:
    """At the edge of every page, where nobody signs in."""
    if person.is_local:
        with st.container(key="local"):
            quiet_line(LOCAL, "info")


def nothing_for_you() -> None:
    """For somebody whose roles lead to no page."""
    notice("info", "You are not in the team of any client yet.", "Ask a manager to invite you.")


def refuse(action: Action) -> None:
    """Instead of a page that one may not see; no query runs."""
    error = denied(action)
    st.html('<header class="mb-header"><h1>403 · Not for you</h1></header>')
    notice("warning", error.happened, f"{error.kept} {error.todo}")


@st.fragment(run_every=LOOKED_AFTER)
def _look_after(settings: Settings) -> None:
    try:
        identity.current(settings)
    except NotSignedIn:
        st.rerun()


def _standing(person: Person, client: Client | None) -> str:
    words: Sequence[str] = ["Operator"] if person.is_operator else []
    role = person.roles.get(client.client_id) if client else None
    if role and client:
        words = [f"{role.value.capitalize()} at {client.name}", *words]
    return " · ".join(words)


def _sign_out(settings: Settings) -> None:
    sign_ins.end(settings, st.user.to_dict())
    identity.forget()
    st.logout()


def _sign_out_everywhere(settings: Settings, person: Person) -> None:
    team.sign_out(settings, person.name, by=person.name)
    identity.forget()
    st.logout()


def _write_down(settings: Settings, error: NotSignedIn) -> None:
    """Whom the provider knows and we do not let in; once a visit."""
    is_news = error.reason in KNOWN and not st.session_state.get(_SAID)
    if is_news:
        st.session_state[_SAID] = True
        actor = str(st.user.to_dict().get("email") or "nobody")[:200]
        audit.record(settings, actor=actor, client_id=None, action="sign_in_refused", subjects=0,
                     about=error.reason)  # fmt: skip
