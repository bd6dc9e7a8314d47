"""The builder: conditions on the left, how many people that is on the right, more below."""

from __future__ import annotations

import streamlit as st

from dashboard import identity
from dashboard.app_pages.audience_changes import say
from dashboard.app_pages.audience_depth import depth
from dashboard.app_pages.audience_draft import Draft, Row, from_definition
from dashboard.app_pages.audience_frame import find, nothing_here, save, standing_line, top
from dashboard.app_pages.audience_groups import conditions
from dashboard.app_pages.audience_settings import more_settings
from dashboard.app_pages.audience_size import size_panel
from dashboard.app_pages.audience_templates import from_template
from dashboard.app_pages.audience_unsaved import begin, draft_of, is_changed, leave
from dashboard.components.leave_guard import leave_guard
from dashboard.components.markup import note
from dashboard.components.notice import notice
from dashboard.navigation import link
from dashboard.queries import audience_values
from dashboard.queries.reading import View
from matchbook.kept_audiences.store import Audience

BACK = "All audiences"


def audience_builder(view: View, audience_id: str, template: str) -> None:
    """One audience: a saved one, or one that begins with a template."""
    audience = find(view, audience_id)
    if audience_id and audience is None:
        nothing_here(BACK)
        return
    if audience is not None and audience.kind == "lookalike":
        notice("info", "This audience is a lookalike: its people are found, not chosen.")
        client = identity.label(view.settings, view.client)
        link("lookalikes", f"Open {audience.name}", client, audience=audience_id)
        return
    say()
    draft = _draft(view, audience, template)
    wants_save, leaving = top(view, draft, audience, back=BACK)
    standing_line(view, draft, audience)
    place = st.empty()
    left, right = st.columns([7, 4], gap="large")
    with left:
        conditions(view, draft, own_id=audience_id)
        more_settings(draft)
    if audience and is_changed(draft):
        with place:
            note("There are changes that are not saved.")
    if leaving:
        leave(draft, leaving)
    if wants_save and save(view, draft, audience):
        st.rerun()
    with right, st.container(key="audience_side"):
        size_panel(view, draft)
    depth(view, draft, audience)
    leave_guard(is_on=is_changed(draft))


def _draft(view: View, audience: Audience | None, template: str) -> Draft:
    """What this visit is building; begun anew when the address shows another audience."""
    origin = (view.client.client_id, audience.audience_id if audience else "", template)
    found = draft_of(origin)
    if found is not None:
        return found
    if audience is None:
        draft = from_template(origin, template)
        _fill_in(view, draft)
    else:
        draft = from_definition(origin, audience.definition)
    return begin(draft, version=audience.version if audience else 0)


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
