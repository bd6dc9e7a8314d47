"""How many people that is now, how many each destination can take, and who is lost where."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_draft import Draft, countable, reads_single_hits
from dashboard.app_pages.audience_reach_words import (
    destination,
    reasons,
    unit,
    why_not_the_others,
)
from dashboard.app_pages.audience_words import estimated
from dashboard.components.markup import note
from dashboard.components.notice import error_notice
from dashboard.components.size_card import SizeStep, destinations, size_card, size_funnel
from dashboard.queries import audience_reach, audiences
from dashboard.queries.audiences import Live
from dashboard.queries.reading import View
from matchbook.audiences import Definition
from matchbook.audiences.definition import All
from matchbook.audiences.sentences import told
from matchbook.errors import MatchbookError, SnapshotOutdated
from matchbook.kept_audiences.names import named

COUNTED = "audience_counted"
"""What was counted exactly last: drawn again, it needs no estimate."""


def size_panel(view: View, draft: Draft) -> None:
    """The live size of what is on the screen."""
    definition = countable(draft)
    if definition is None:
        note("Nobody yet. The size appears here with the first condition.")
        return
    place = st.empty()
    try:
        asked = audiences.question(view, definition)
        if reads_single_hits(definition) and st.session_state.get(COUNTED) != asked:
            _roughly(view, definition, place)
        found = audiences.live(view, definition)
        st.session_state[COUNTED] = asked
        insight = audience_reach.insight(view, found.spoken)
    except SnapshotOutdated:
        raise
    except MatchbookError as error:
        error_notice(error)
        return
    with place.container():
        size_card(
            formats.group(found.people),
            formats.group(found.reachable),
            why_not_the_others(insight.reach[0]),
        )
    _remarks(view, draft, found)
    size_funnel(_steps(view, definition, found))
    names = audience_reach.partner_names(view)
    destinations(
        [
            (destination(reach, names), formats.group(reach.ids), unit(reach), reasons(reach))
            for reach in insight.reach
        ]
    )


def _roughly(view: View, definition: Definition, place: st.delta_generator.DeltaGenerator) -> None:
    """Something to look at while the exact count is made."""
    about = audiences.roughly(view, definition)
    if about is None:
        return
    shown, words = estimated(about.people, about.low, about.high)
    with place.container():
        size_card(shown, "…", words)


def _remarks(view: View, draft: Draft, found: Live) -> None:
    if found.shown_as:
        name = named(view.settings, view.client.client_id)(found.shown_as)
        note(f"The size of “{name}” is told: the two differ by a few people only.")
    if draft.groups["leave"] or "leave" in draft.deep or draft.settings["expires_after_days"]:
        note("People who came earlier may stay, and others have expired: the size after a refresh "
             "can differ from this one.")  # fmt: skip
    if draft.settings["holdout_percent"]:
        note(f"{draft.settings['holdout_percent']:g} % of them are held out and never pushed.")


def _steps(view: View, definition: Definition, found: Live) -> list[SizeStep]:
    called = named(view.settings, view.client.client_id)
    look_back = definition.look_back_days
    enter = definition.enter
    parts = enter.of if isinstance(enter, All) else (enter,)
    words = {"people": "Everybody we know", "leave": "is not among those who leave"} | {
        f"enter.{n}": told(part, look_back, called) for n, part in enumerate(parts)
    }
    most = found.steps[0].left or 1
    return [
        SizeStep(words[step.place], formats.group(step.left), (step.left or 0) / most)
        for step in found.steps
    ]
