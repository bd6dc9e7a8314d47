"""The builder: conditions on the left, how many people that is on the right, more below."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.audience_address import DRAFT, SAID, to_audience, to_list
from dashboard.app_pages.audience_depth import depth
from dashboard.app_pages.audience_draft import Draft, Row, from_definition, to_definition
from dashboard.app_pages.audience_groups import conditions
from dashboard.app_pages.audience_list import change
from dashboard.app_pages.audience_settings import more_settings
from dashboard.app_pages.audience_size import size_panel
from dashboard.app_pages.audience_templates import from_template
from dashboard.app_pages.audience_words import standing
from dashboard.app_pages.job_wait import ENDED, wait_for
from dashboard.components.audience_rows import ARCHIVE, COPY
from dashboard.components.markup import note
from dashboard.components.notice import error_notice, notice
from dashboard.queries import audience_values
from dashboard.queries.reading import View
from matchbook import jobs
from matchbook.errors import AudienceInvalid, MatchbookError
from matchbook.kept_audiences import sizes as kept_sizes
from matchbook.kept_audiences import store
from matchbook.kept_audiences.store import Audience

JOBS, SEEN = "audience_refresh_jobs", "audience_version_seen"
KIND = "refresh_audiences"


def audience_builder(view: View, audience_id: str, template: str) -> None:
    """One audience: a saved one, or one that begins with a template."""
    audience = _audience(view, audience_id)
    if audience_id and audience is None:
        notice("warning", "There is no audience at this address.", "It may belong to another "
               "client, or was never saved.")  # fmt: skip
        st.button("All audiences", on_click=to_list)
        return
    _say()
    draft = _draft(view, audience, template)
    wants_save = _top(view, draft, audience)
    _standing(view, audience)
    left, right = st.columns([7, 4], gap="large")
    with left:
        conditions(view, draft, own_id=audience_id)
        more_settings(draft)
    if wants_save and _save(view, draft, audience):
        st.rerun()
    with right, st.container(key="audience_side"):
        size_panel(view, draft)
    depth(view, draft, audience)


def _audience(view: View, audience_id: str) -> Audience | None:
    try:
        return store.get(view.settings, view.client.client_id, audience_id)
    except AudienceInvalid:
        return None


def _draft(view: View, audience: Audience | None, template: str) -> Draft:
    """What this visit is building; begun anew when the address shows another audience."""
    origin = (view.client.client_id, audience.audience_id if audience else "", template)
    found: Draft | None = st.session_state.get(DRAFT)
    if found is not None and found.origin == origin:
        return found
    if audience is None:
        draft = from_template(origin, template)
        _fill_in(view, draft)
    else:
        draft = from_definition(origin, audience.definition)
    st.session_state[DRAFT] = draft
    st.session_state[SEEN] = audience.version if audience else 0
    return draft


def _fill_in(view: View, draft: Draft) -> None:
    """A template's section is the one that most people visit, until another is chosen."""
    for row in draft.rows():
        section = row.condition.get("action", {}).get("section")
        offers = audience_values.of_field(view, "section") if section else []
        if offers:
            action = {**row.condition["action"], "section": {**section, "value": offers[0].value}}
            row.condition = {**row.condition, "action": action}
    _open_unfinished(draft)


def _open_unfinished(draft: Draft) -> None:
    def is_open(row: Row) -> bool:
        return row.condition.get("list") == ""

    draft.edited = next((row.uid for row in draft.rows() if is_open(row)), 0)


def _top(view: View, draft: Draft, audience: Audience | None) -> bool:
    """The name and what can be done; whether *Save* was pressed."""
    st.button("← All audiences", type="tertiary", on_click=to_list)
    name, save, copy, archive = st.columns([6, 2, 2, 2], vertical_alignment="bottom")
    with name:
        key = "name_" + "_".join(draft.origin)
        draft.settings["name"] = st.text_input(
            "Name", draft.settings["name"], max_chars=120, key=key, placeholder="Name it"
        )
    with save:
        wants_save = st.button("Save", type="primary", width="stretch", key="save_audience")
    for place, verb, label in ((copy, COPY, "Duplicate"), (archive, ARCHIVE, "Archive")):
        if audience is None:
            continue
        is_back = verb == ARCHIVE and audience.archived_at is not None
        with place:
            st.button(
                "Restore" if is_back else label, width="stretch", key=f"do_{verb}",
                on_click=change,
                args=(view, "restore" if is_back else verb, audience.audience_id),
            )  # fmt: skip
    return wants_save


def _standing(view: View, audience: Audience | None) -> None:
    """How fresh it is, who saved it, and what the refresh asked for has come to."""
    if audience is None:
        note("Not saved yet.")
        return
    zone = view.client.time_zone
    told = kept_sizes.one(view.settings, view.client.client_id, audience.audience_id)
    words, is_trouble = standing(told, zone)
    at = formats.moment(audience.saved_at, zone)
    note(f"Kept up to date: {words} · version {audience.version}, saved {at} by "
         f"{audience.saved_by}")  # fmt: skip
    if audience.archived_at:
        notice("info", "It is archived: refreshed and offered no more.")
    if audience.version != st.session_state.get(SEEN):
        notice("warning", f"{audience.saved_by} saved another version meanwhile.",
               "What you save becomes the newest. From the list you come to theirs.")  # fmt: skip
    job_id = st.session_state.get(JOBS, {}).get(audience.audience_id)
    if job_id is not None and jobs.get(view.settings, job_id).status not in ENDED:
        wait_for(view.settings, job_id, "refresh")
    elif is_trouble:
        notice("error", "The last refresh failed. You see the people from before.",
               told.reason or "")  # fmt: skip


def _save(view: View, draft: Draft, audience: Audience | None) -> bool:
    settings, client_id, by = view.settings, view.client.client_id, identity.who()
    try:
        definition = to_definition(draft)
        if audience is None:
            made = store.create(settings, client_id, definition, by=by)
        else:
            made = store.save(settings, client_id, audience.audience_id, definition, by=by)
    except MatchbookError as error:
        error_notice(error)
        return False
    if audience is not None and made.version == audience.version:
        st.session_state[SAID] = "Nothing had changed."
        return True
    job_id = jobs.enqueue(
        settings, KIND, idempotency_key=f"{KIND} {uuid4().hex}", client_id=client_id,
        arguments={"audience_ids": [made.audience_id]},
    )  # fmt: skip
    st.session_state.setdefault(JOBS, {})[made.audience_id] = job_id
    st.session_state.pop(DRAFT)
    st.session_state[SAID] = f"Saved as version {made.version}."
    to_audience(made.audience_id)
    return True


def _say() -> None:
    said = st.session_state.pop(SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    elif said:
        notice("check", said)
