"""What stands around an audience whichever way it is built: name, save, copy, archive, standing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.audience_address import SAID, to_audience, to_list
from dashboard.app_pages.audience_changes import change
from dashboard.app_pages.audience_draft import Draft, to_definition
from dashboard.app_pages.audience_unsaved import give_up
from dashboard.app_pages.audience_words import sizes, standing
from dashboard.app_pages.job_wait import wait_for
from dashboard.app_pages.push_entry import push_entry
from dashboard.components.audience_rows import ARCHIVE, COPY
from dashboard.components.markup import note
from dashboard.components.notice import error_notice, notice
from dashboard.queries.reading import View
from matchbook.access import Action
from matchbook.audiences import Definition
from matchbook.errors import AudienceInvalid, MatchbookError
from matchbook.kept_audiences import sizes as kept_sizes
from matchbook.kept_audiences import store, wishes
from matchbook.kept_audiences.store import Audience
from matchbook.settings import Settings

Leaving = Callable[[], None]


def find(view: View, audience_id: str) -> Audience | None:
    """The one at this address; None where there is none, or none is asked for."""
    try:
        return store.get(view.settings, view.client.client_id, audience_id)
    except AudienceInvalid:
        return None


def nothing_here(back: str) -> None:
    """Said at an address that nothing has."""
    notice("warning", "There is no audience at this address.", "It may belong to another "
           "client, or was never saved.")  # fmt: skip
    st.button(back, on_click=to_list)


def top(
    view: View, draft: Draft, audience: Audience | None, *, back: str, may_save: bool = True
) -> tuple[bool, Leaving | None]:
    """The name and what can be done; whether *Save* was pressed, and where somebody wants to go."""
    leaving: Leaving | None = None
    if st.button(f"← {back}", type="tertiary"):
        leaving = to_list
    name, save_it, copy, archive = st.columns([6, 2, 2, 2], vertical_alignment="bottom")
    with name:
        key = "name_" + "_".join(draft.origin)
        draft.settings["name"] = st.text_input(
            "Name", draft.settings["name"], max_chars=120, key=key, placeholder="Name it"
        )
    with save_it:
        wants_save = st.button("Save", type="primary", width="stretch", key="save_audience",
                               disabled=not (may_save and may_build(view)))  # fmt: skip
    if audience is None or not may_build(view):
        return wants_save, leaving
    with copy:
        if st.button("Duplicate", width="stretch", key=f"do_{COPY}"):
            leaving = partial(change, view, COPY, audience.audience_id)
    with archive:
        verb = "restore" if audience.archived_at is not None else ARCHIVE
        st.button(verb.capitalize(), width="stretch", key=f"do_{ARCHIVE}",
                  on_click=change, args=(view, verb, audience.audience_id))  # fmt: skip
    return wants_save, leaving


def may_build(view: View) -> bool:
    """Whether whoever is here may change audiences."""
    return identity.may(view.settings, view.client.client_id, Action.BUILD_AUDIENCE)


def standing_line(view: View, draft: Draft, audience: Audience | None) -> None:
    """How fresh it is, who saved it, and what the refresh asked for has come to."""
    if audience is None:
        note("Not saved yet.")
        return
    zone = view.client.time_zone
    told = kept_sizes.one(view.settings, view.client.client_id, audience.audience_id)
    words, is_trouble = standing(told, zone)
    at = formats.moment(audience.saved_at, zone)
    people, reachable = sizes(told)
    if told.as_of:
        words += f", with {people} people, {reachable} reachable in CEP"
    note(f"Kept up to date: {words} · version {audience.version}, saved {at} by "
         f"{audience.saved_by}")  # fmt: skip
    if audience.archived_at:
        notice("info", "It is archived: refreshed and offered no more.")
    if audience.version != draft.version:
        notice("warning", f"{audience.saved_by} saved another version meanwhile.",
               "What you save becomes the newest. From the list you come to theirs.")  # fmt: skip
    waiting = wishes.waiting(view.settings, view.client.client_id, audience.audience_id)
    if waiting:
        wait_for(view.settings, waiting.job_id, "refresh")
    elif is_trouble:
        notice("error", "The last refresh failed. You see the people from before.",
               told.reason or "")  # fmt: skip
    push_entry(view, audience.audience_id)


def save(view: View, draft: Draft, audience: Audience | None) -> bool:
    """Save what is on the screen and ask for its refresh; whether it went well."""
    settings, client_id = view.settings, view.client.client_id
    try:
        definition = to_definition(draft)
        with identity.acting(settings, client_id, Action.BUILD_AUDIENCE, "audience_save") as act:
            made = _stored(settings, client_id, audience, definition, by=act.by)
            act.about = made.audience_id
    except MatchbookError as error:
        error_notice(error)
        return False
    if audience is not None and made.version == audience.version:
        st.session_state[SAID] = "Nothing had changed."
        return True
    wishes.refresh(settings, client_id, [made.audience_id])
    give_up(draft.origin)
    st.session_state[SAID] = f"Saved as version {made.version}."
    to_audience(made.audience_id)
    return True


def _stored(
    settings: Settings,
    client_id: str,
    audience: Audience | None,
    definition: Definition,
    *,
    by: str,
) -> Audience:
    if audience is None:
        return store.create(settings, client_id, definition, by=by)
    return store.save(settings, client_id, audience.audience_id, definition, by=by)
