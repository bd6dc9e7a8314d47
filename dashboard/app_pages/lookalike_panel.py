"""How good a lookalike is, before anybody uses it: the label, one sentence, sizes, reasons."""

from __future__ import annotations

import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.audience_draft import Draft
from dashboard.app_pages.job_wait import wait_for
from dashboard.app_pages.lookalike_draft import definition_of, wish_of
from dashboard.app_pages.lookalike_words import label_of
from dashboard.components.markup import note
from dashboard.components.notice import notice
from dashboard.components.study_card import study_card
from dashboard.queries import lookalikes
from dashboard.queries.reading import View
from dashboard.translate import errors_in_words
from matchbook import lookalikes as kept
from matchbook.access import Action
from matchbook.audiences import Definition
from matchbook.kept_audiences.reach import CEP
from matchbook.lookalikes import Study, at, drift, in_words

REASONS_SHOWN = 3


def study_panel(view: View, draft: Draft, study: Study | None) -> None:
    """What the study says of the size chosen; or the way to one."""
    definition = definition_of(draft)
    if definition is None or wish_of(draft)["seed"] not in lookalikes.names(view):
        note("Like whom? Choose an audience of 100 people or more.")
        return
    if study is None:
        note(
            "Not studied yet. How good such a list is, is measured before you use it: it takes "
            "from some seconds to a few minutes."
        )
    elif study.refusal:
        notice("warning", f"{label_of(study)}.", " ".join(study.refusal))
    else:
        _told(view, draft, study)
    _ask(view, definition, study)


def _told(view: View, draft: Draft, study: Study) -> None:
    wish = wish_of(draft)
    reach = lookalikes.reach_at(study, wish["people"])
    about = "" if reach.is_exact or reach.reachable is None else "≈ "
    study_card(
        label=label_of(study),
        sentence=in_words(at(study, wish["people"])),
        people=formats.group(wish["people"]),
        reachable=about + formats.group(reach.reachable),
        reasons=study.reasons[:REASONS_SHOWN],
    )
    if wish["destination"] != CEP:
        name = lookalikes.partners(view).get(wish["destination"], wish["destination"])
        note(f"{name} can take {about}{formats.group(reach.at_destination)} of its cookie ids.")
    for remark in (*study.remarks, drift(study)):
        if remark:
            note(remark)


def _ask(view: View, definition: Definition, study: Study | None) -> None:
    client_id = view.client.client_id
    waiting = kept.asked(view.settings, client_id, definition)
    if waiting:
        wait_for(view.settings, waiting.job_id, "study")
        return
    problem = lookalikes.last_failure(view, definition)
    if problem and (study is None or not lookalikes.is_fresh(view, study)):
        notice("error", "The last study failed.", problem)
    if study is not None:
        note(f"As of {formats.moment(study.as_of, view.client.time_zone)}.")
        if lookalikes.is_fresh(view, study):
            return
    label = "See how good it is" if study is None else "Study it on the newest data"
    st.button(
        label, key="study", type="primary" if study is None else "secondary", width="stretch",
        on_click=_wish, args=(view, definition),
    )  # fmt: skip


def _wish(view: View, definition: Definition) -> None:
    settings, client_id = view.settings, view.client.client_id
    with (
        errors_in_words(),
        identity.acting(settings, client_id, Action.BUILD_AUDIENCE, "lookalike_study"),
    ):
        kept.ask(settings, client_id, definition)
