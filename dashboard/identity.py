"""Who is here and what they may see and do. Pages, routes and queries ask here, nowhere else.

Where no provider is configured, whoever reaches this computer is one person who may everything.
Else a person is who the provider said, with the roles that state holds at this moment: a client
is granted by this module alone, and what is refused is written down.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import context
from matchbook import audit, registry, sign_ins
from matchbook.access import Action, Person, denied
from matchbook.registry import Client
from matchbook.settings import Settings
from matchbook.sign_ins import Claims

CLIENT_PARAMETER = "client"
BELIEVED_FOR = 1.0
"""Seconds; one page asks some fifty times who is here."""

_request: ContextVar[Claims | None] = ContextVar("request", default=None)
_known: dict[tuple[str, str], tuple[float, Person]] = {}
_REFUSED_WISHES = "refused_wishes"


@dataclass
class Act:
    """Something a person does: under which name it is kept, how many and what it is about."""

    by: str
    subjects: int = 0
    about: str = ""


def current(settings: Settings, *, is_active: bool = False) -> Person:
    """Who is here. Raises NotSignedIn.

    `is_active`: they have just done something, which keeps their session open.
    """
    if settings.sign_in is None:
        return Person(f"{getpass.getuser()}, on the dashboard", is_local=True)
    claims = _claims()
    key = (settings.database_url, sign_ins.sign_in_id(claims))
    believed_until, person = _known.get(key, (0.0, None))
    if person is None or is_active or time.monotonic() > believed_until:
        _known.pop(key, None)
        person = sign_ins.person(settings, claims, settings.sign_in, is_active=is_active)
        _believe(key, person)
    return person


def forget() -> None:
    """Believe nothing any more: roles or sessions have changed."""
    _known.clear()


@contextmanager
def asked_by(claims: Claims) -> Iterator[None]:
    """Around the work of a route, which Streamlit knows nothing of."""
    token = _request.set(claims)
    try:
        yield
    finally:
        _request.reset(token)


def require(settings: Settings, client_id: str | None, action: Action, about: str = "") -> Person:
    """Who is here, if they may do this. Raises PermissionDenied, having written the attempt down.

    `about` says what was asked for, where the action alone does not.
    """
    person = current(settings)
    if not person.may(client_id, action):
        refused(settings, client_id, about or str(action))
        raise denied(action)
    return person


def may(settings: Settings, client_id: str | None, action: Action) -> bool:
    """The same question for what a page offers: nobody has attempted anything yet."""
    return current(settings).may(client_id, action)


@contextmanager
def acting(
    settings: Settings, client_id: str | None, action: Action, what: str, *, about: str = ""
) -> Iterator[Act]:
    """Around a change: refused to whom it is not allowed, written down when it is done."""
    act = Act(require(settings, client_id, action, about=what).name, about=about)
    yield act
    audit.record(
        settings, actor=act.by, client_id=client_id, action=what, subjects=act.subjects,
        about=act.about,
    )  # fmt: skip


def refused(settings: Settings, client_id: str | None, about: str) -> None:
    """Write down an attempt: at one's own client for its managers, else for the operators."""
    person = current(settings)
    is_own = client_id in person.roles
    place = "" if is_own or client_id is None else f" at {client_id}"
    audit.record(
        settings, actor=person.name, client_id=client_id if is_own else None, action="authz_denied",
        subjects=0, about=about + place,
    )  # fmt: skip


def who() -> str:
    """Who changes something, for histories."""
    return current(context.settings()).name


def visible_clients(settings: Settings) -> tuple[Client, ...]:
    """The clients the person may see, the registry's first one first."""
    person = current(settings)
    clients = registry.current(settings).clients
    return tuple(client for client in clients if person.may(client.client_id, Action.READ))


def may_see(settings: Settings, client_id: str) -> bool:
    """Whether a download of this client may be handed out."""
    return any(client.client_id == client_id for client in visible_clients(settings))


def offer_switch(settings: Settings) -> None:
    """The switch in the menu, if there is more than one client to see.

    Called by the script around the pages: a widget of a page would forget on the next page.
    """
    labels = [label(settings, client) for client in visible_clients(settings)]
    _hear_wish(settings, labels)
    if len(labels) > 1:
        st.sidebar.selectbox(
            "Client", labels, key=CLIENT_PARAMETER, bind="query-params", filter_mode=None
        )


def chosen_client(settings: Settings) -> Client | None:
    """The one client this page shows; the first one unless another was chosen and is granted."""
    clients = {label(settings, client): client for client in visible_clients(settings)}
    chosen = clients.get(str(st.session_state.get(CLIENT_PARAMETER)))
    return chosen or next(iter(clients.values()), None)


def label(settings: Settings, client: Client) -> str:
    """The client's name on screen and in the URL; with its id where two have the same name."""
    namesakes = [other for other in visible_clients(settings) if other.name == client.name]
    return client.name if len(namesakes) == 1 else f"{client.name} ({client.client_id})"


def _hear_wish(settings: Settings, labels: list[str]) -> None:
    """A client in the address is a wish; one that is not granted is written down, once a visit."""
    in_session = st.session_state.get(CLIENT_PARAMETER)
    for wish in [*st.query_params.get_all(CLIENT_PARAMETER), *([in_session] if in_session else [])]:
        heard = st.session_state.setdefault(_REFUSED_WISHES, [])
        if wish in labels or wish in heard:
            continue
        heard.append(wish)
        clients = registry.current(settings).clients
        meant = [c.client_id for c in clients if wish in (c.name, c.client_id)]
        # Anything else a person typed stays out of the log.
        refused(settings, meant[0] if meant else None, "the client in the address")


def _claims() -> Claims:
    of_request = _request.get()
    if of_request is not None:
        return of_request
    script = get_script_run_ctx()
    # What `st.user` reads too, without a copy each time.
    return script.user_info if script is not None else {}


def _believe(key: tuple[str, str], person: Person) -> None:
    if len(_known) > 1000:
        _known.clear()
    _known[key] = (time.monotonic() + BELIEVED_FOR, person)
