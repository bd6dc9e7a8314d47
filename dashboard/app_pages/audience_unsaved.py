"""Changes nobody has saved yet: kept through the visit, told of, and asked about on leaving."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.app_pages.audience_address import to_audience, to_new
from dashboard.app_pages.audience_draft import UNNAMED, Draft, content
from dashboard.components.markup import heading, note

DRAFTS = "audience_drafts"
"""What this visit is building, by where it was opened from."""

Origin = tuple[str, ...]


def draft_of(origin: Origin) -> Draft | None:
    """What was begun there and neither saved nor given up."""
    return _drafts().get(origin)


def begin(draft: Draft, *, version: int, saved: Draft | None = None) -> Draft:
    """Keep a draft; it is changed where it differs from `saved`, or from what it is now."""
    draft.saved, draft.version = content(saved or draft), version
    _drafts()[draft.origin] = draft
    return draft


def give_up(origin: Origin) -> None:
    """Keep it no more, be it saved or not."""
    _drafts().pop(origin, None)


def is_changed(draft: Draft) -> bool:
    """Whether something would be lost."""
    return bool(content(draft) != draft.saved)


def leave(draft: Draft, go: Callable[[], None]) -> None:
    """Go at once where nothing is lost; else ask first."""
    if is_changed(draft):
        _ask(draft, go)
        return
    give_up(draft.origin)
    go()
    st.rerun()


def unsaved(client_id: str, *, lookalikes: bool = False) -> None:
    """Above the list: what was begun in this visit, to go on with or to give up."""
    for origin, draft in list(_drafts().items()):
        if not is_changed(draft):
            give_up(origin)
        if origin[0] == client_id and is_changed(draft) and _is_similar(draft) == lookalikes:
            _offer(origin, draft)


def _offer(origin: Origin, draft: Draft) -> None:
    name, key = draft.settings["name"] or UNNAMED, "_".join(origin)
    left, middle, right = st.columns([6, 1.4, 1.4], vertical_alignment="center")
    with left:
        heading(name, "Has changes that are not saved.")
    with middle:
        st.button("Go on", key=f"go_on_{key}", width="stretch", type="primary",
                  on_click=_go_on, args=(origin,))  # fmt: skip
    with right:
        st.button("Give up", key=f"give_up_{key}", width="stretch",
                  on_click=give_up, args=(origin,))  # fmt: skip


@st.dialog("Leave without saving?")
def _ask(draft: Draft, go: Callable[[], None]) -> None:
    note(f"The changes of “{draft.settings['name'] or UNNAMED}” would be lost.")
    stay, lose = st.columns(2)
    with stay:
        stays = st.button("Stay", type="primary", width="stretch", key="stay")
    with lose:
        leaves = st.button("Leave without saving", width="stretch", key="leave_unsaved",
                           on_click=_lose, args=(draft, go))  # fmt: skip
    if stays or leaves:
        st.rerun()


def _is_similar(draft: Draft) -> bool:
    return any(row.condition["kind"] == "similar" for row in draft.rows())


def _lose(draft: Draft, go: Callable[[], None]) -> None:
    give_up(draft.origin)
    go()


def _go_on(origin: Origin) -> None:
    _, audience_id, template = origin
    if audience_id:
        to_audience(audience_id)
    else:
        to_new(template)


def _drafts() -> dict[Origin, Draft]:
    found: dict[Origin, Draft] = st.session_state.setdefault(DRAFTS, {})
    return found
