"""More of one audience, below the builder: overlap, people, trend, words, why, versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_draft import Draft, countable
from dashboard.app_pages.audience_reach_words import COVERED, profile_in_words
from dashboard.app_pages.audience_trend import size_trend
from dashboard.app_pages.audience_versions import versions
from dashboard.app_pages.audience_why import why_in_it
from dashboard.components.markup import heading, note, prose
from dashboard.components.table import number, table, text
from dashboard.queries import audience_overlap, audience_reach
from dashboard.queries.audiences import live, sql_of
from dashboard.queries.reading import View
from matchbook.audiences import Definition
from matchbook.audiences.sentences import describe
from matchbook.kept_audiences.names import named
from matchbook.kept_audiences.overlap import Profile
from matchbook.kept_audiences.store import Audience

SQL_HEIGHT = 420
TABS = ["Overlap", "Its people", "Trend", "In words and SQL", "Why is somebody in it?", "Versions"]


def depth(view: View, draft: Draft, audience: Audience | None) -> None:
    """Only the tab that is open is counted."""
    definition = countable(draft)
    tabs = st.tabs(TABS, key="more", bind="query-params")
    shown: tuple[Callable[[], None], ...] = (
        lambda: overlap(view, definition, audience),
        lambda: people(view, definition),
        lambda: size_trend(view, audience),
        lambda: _words(view, draft, definition),
        lambda: why_in_it(view, audience),
        lambda: versions(view, draft, audience),
    )
    for tab, draw in zip(tabs, shown, strict=True):
        if tab.open:
            with tab:
                draw()


def overlap(view: View, definition: Definition | None, audience: Audience | None) -> None:
    """People of a definition who are in other audiences."""
    if definition is None:
        _nothing()
        return
    own = audience.audience_id if audience else ""
    found = audience_overlap.with_others(view, live(view, definition).spoken, but=own)
    if not found:
        note("No other audience to compare with yet.")
        return
    heading("Overlap with other audiences", "People of what is on the screen now who are in those, "
            "as last refreshed.")  # fmt: skip
    rows = [
        {"name": one.name, "people": one.people, "both": one.both, "share": one.share}
        for one in found
    ]
    columns = (
        text("Audience", "name"),
        number("Its people", "people", formats.group),
        number("In both", "both", formats.group),
        number("Of this audience", "share", formats.group_share),
    )
    table(view, _frame(rows), columns, file_name="audience-overlap")


def people(view: View, definition: Definition | None) -> None:
    """What is known of the people of a definition, and what they are like."""
    if definition is None:
        _nothing()
        return
    found = audience_reach.insight(view, live(view, definition).spoken)
    left, right = st.columns(2, gap="large")
    with left:
        heading("What is known of them")
        rows = [
            {"what": COVERED[one.what], "people": one.people, "share": one.share}
            for one in found.coverage
        ]
        columns = (
            text("What", "what"),
            number("People", "people", formats.group),
            number("Share", "share", formats.group_share),
        )
        table(view, _frame(rows), columns, file_name="audience-coverage")
    with right:
        _profiles(view, found.profiles)


def _profiles(view: View, profiles: Sequence[Profile]) -> None:
    heading("Typical people", "Profiles that at least 50 of them share.")
    if not profiles:
        note("No profile is shared by 50 of them.")
        return
    rows = [{"profile": profile_in_words(one), "people": one.people} for one in profiles]
    columns = (text("Profile", "profile"), number("People", "people", formats.group))
    table(view, _frame(rows), columns, file_name="audience-profiles")


def _words(view: View, draft: Draft, definition: Definition | None) -> None:
    if definition is None:
        _nothing()
        return
    called = named(view.settings, view.client.client_id)
    rules = {name: draft.settings[name] for name in ("expires_after_days", "holdout_percent")}
    whole = definition.model_copy(update=rules)
    heading("In plain words")
    prose(describe(whole, called))
    heading("As SQL", "What the warehouse is asked. Values are given beside it, never inside it.")
    shown = sql_of(view, definition)
    st.code(shown.sql, language="sql", height=SQL_HEIGHT)
    rows = [{"name": f"${name}", "value": str(value)} for name, value in shown.parameters]
    if rows:
        table(view, _frame(rows), (text("Name", "name"), text("Value", "value")),
              file_name="audience-values")  # fmt: skip


def _nothing() -> None:
    note("Nobody yet. This appears with the first condition.")


def _frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows)
