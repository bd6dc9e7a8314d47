"""The menu, and links from one page to another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import context, entrance, identity
from dashboard.identity import CLIENT_PARAMETER
from matchbook.access import Action, Person
from matchbook.errors import NotSignedIn, PermissionDenied

MENU = {
    "Measure": (("overview", "Overview"), ("match_rates", "Match rates"), ("partners", "Partners")),
    "Onboard": (("crm_uploads", "CRM uploads"), ("pixels", "Pixels")),
    "Activate": (("audiences", "Audiences"), ("lookalikes", "Lookalikes"), ("pushes", "Pushes")),
    "Operate": (("nightly_files", "Nightly files"), ("data_quality", "Data quality")),
    "Settings": (
        ("integrations", "Integrations"),
        ("team", "Team"),
        ("privacy", "Privacy"),
        ("audit", "Audit"),
    ),
}
NEEDS = {"integrations": Action.SETTINGS, "team": Action.USERS, "audit": Action.AUDIT}
"""What a page is for those who may do this at the client shown; any other for those who read."""
INSTALLATION = "data_quality"
OPERATORS_TOO = (INSTALLATION, "audit")
"""Pages that say something of the whole installation."""


def menu(person: Person) -> dict[str, list[Page]]:
    """All pages in their groups; those that are not for this person are neither shown nor run."""
    offered = _offered(person)
    if not offered:
        return {"": _alike(entrance.nothing_for_you)}
    return {
        _named(group, person): [
            _page(module, title, is_first=module == offered[0], is_shown=module in offered)
            for module, title in pages
        ]
        for group, pages in MENU.items()
    }


def doors(error: NotSignedIn) -> list[Page]:
    """Every address leads to the same: signing in."""
    return _alike(partial(entrance.sign_in_page, error))


def link(module: str, label: str, client_label: str, **parameters: str) -> None:
    """A link to another page, with its filters set; none where the page is not for this person."""
    offered = _offered(identity.current(context.settings()))
    if module not in offered:
        return
    query = {CLIENT_PARAMETER: client_label, **parameters}
    page = _page(module, dict(_pages())[module], is_first=module == offered[0], is_shown=True)
    st.page_link(page, label=label, query_params=query, width="stretch")


def _pages() -> list[tuple[str, str]]:
    return [page for pages in MENU.values() for page in pages]


def _offered(person: Person) -> list[str]:
    return [
        module for module, _ in _pages()
        if person.may_anywhere(NEEDS.get(module, Action.READ))
        or (person.is_operator and module in OPERATORS_TOO)
    ]  # fmt: skip


def _named(group: str, person: Person) -> str:
    if group != "Settings" or person.is_local:
        return group
    return f"{person.name.partition('@')[0]} · Settings"


def _page(module: str, title: str, *, is_first: bool, is_shown: bool) -> Page:
    return st.Page(
        partial(_run, module, title), title=title, url_path=_path(module), default=is_first,
        visibility="visible" if is_shown else "hidden",
    )  # fmt: skip


def _run(module: str, title: str) -> None:
    """The page, if it is for whoever is here at the client shown; else it is refused unrun."""
    settings = context.settings()
    client = identity.chosen_client(settings)
    need = NEEDS.get(module, Action.READ)
    if client is None and module in OPERATORS_TOO and not identity.current(settings).is_local:
        need = Action.HEALTH
    try:
        client_id = client.client_id if client else None
        identity.require(settings, client_id, need, about=f"the page {title}")
    except PermissionDenied:
        entrance.refuse(need)
        return
    # Imported here: pages link to each other through this module.
    if client is None and need is Action.HEALTH and module == INSTALLATION:
        import_module("dashboard.app_pages.installation").page()
        return
    import_module(f"dashboard.app_pages.{module}").page()
    if module == INSTALLATION and identity.current(settings).is_operator:
        import_module("dashboard.app_pages.installation").section(settings)


def _alike(page: Callable[[], None]) -> list[Page]:
    first, *others = (_path(module) for module, _ in _pages())
    hidden = [st.Page(page, title="Matchbook", url_path=p, visibility="hidden") for p in others]
    return [st.Page(page, title="Matchbook", url_path=first, default=True), *hidden]


def _path(module: str) -> str:
    return module.replace("_", "-")
