"""The builder of a lookalike: like whom and how many on the left, how good that is on the right."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.audience_changes import say
from dashboard.app_pages.audience_draft import Draft, from_definition
from dashboard.app_pages.audience_frame import find, nothing_here, save, standing_line, top
from dashboard.app_pages.audience_settings import words_of
from dashboard.app_pages.audience_unsaved import begin, draft_of, is_changed, leave
from dashboard.app_pages.lookalike_choices import choices, how_many
from dashboard.app_pages.lookalike_depth import depth
from dashboard.app_pages.lookalike_draft import PREFIX, definition_of, new_draft
from dashboard.app_pages.lookalike_panel import study_panel
from dashboard.components.leave_guard import leave_guard
from dashboard.components.markup import note
from dashboard.queries import lookalikes
from dashboard.queries.reading import View
from matchbook.kept_audiences.names import named
from matchbook.kept_audiences.store import Audience
from matchbook.lookalikes import Study

BACK = "All lookalikes"


def lookalike_builder(view: View, audience_id: str, begun: str) -> None:
    """One lookalike: a saved one, or one that begins with a seed."""
    audience = find(view, audience_id)
    if audience_id and (audience is None or audience.kind != "lookalike"):
        nothing_here(BACK)
        return
    say()
    draft = _draft(view, audience, begun)
    head = st.container()
    left, right = st.columns([7, 4], gap="large")
    with left:
        choices(view, draft, own_id=audience_id)
        study = _study(view, draft)
        if study and _is_of_use(study):
            how_many(draft, study)
        with st.expander("Owner, categories, description"):
            words_of(draft)
    with head:  # drawn last: whether *Save* can be pressed depends on what is chosen below
        wants_save, leaving = top(view, draft, audience, back=BACK, may_save=_is_of_use(study))
        standing_line(view, draft, audience)
        place = st.empty()
    if audience and is_changed(draft):
        with place:
            note("There are changes that are not saved.")
    if leaving:
        leave(draft, leaving)
    if wants_save and save(view, draft, audience):
        st.rerun()
    with right, st.container(key="audience_side"):
        study_panel(view, draft, study)
    depth(view, draft, audience, study)
    leave_guard(is_on=is_changed(draft))


def _draft(view: View, audience: Audience | None, begun: str) -> Draft:
    origin = (view.client.client_id, audience.audience_id if audience else "", begun)
    found = draft_of(origin)
    if found is not None:
        return found
    if audience is not None:
        return begin(from_definition(origin, audience.definition), version=audience.version)
    seed = begun.removeprefix(PREFIX)
    name = named(view.settings, view.client.client_id)(seed)
    return begin(new_draft(origin, seed, name), version=0)


def _study(view: View, draft: Draft) -> Study | None:
    definition = definition_of(draft)
    return lookalikes.study_of(view, definition) if definition else None


def _is_of_use(study: Study | None) -> bool:
    """Whether a list comes of it; before it is studied nobody knows."""
    return study is not None and not study.refusal
