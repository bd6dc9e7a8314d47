"""More of one lookalike: how good it is in numbers, what it shares, how it went, why, versions."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_depth import overlap, people
from dashboard.app_pages.audience_draft import Draft
from dashboard.app_pages.audience_trend import size_trend
from dashboard.app_pages.audience_versions import versions
from dashboard.app_pages.audience_why import why_in_it
from dashboard.app_pages.lookalike_words import LABELS, between, of_100
from dashboard.components.markup import heading, note, prose
from dashboard.components.table import number, table, text
from dashboard.queries.reading import View
from matchbook.kept_audiences.store import Audience
from matchbook.lookalikes import Study, drift
from matchbook.lookalikes.measures import Auc

TABS = ["How good is this?", "Overlap", "Its people", "Size over time", "Why is somebody in it?",
        "Versions"]  # fmt: skip


def depth(view: View, draft: Draft, audience: Audience | None, study: Study | None) -> None:
    """Only the tab that is open is counted; what needs people needs a save."""
    definition = audience.definition if audience else None
    tabs = st.tabs(TABS, key="more", bind="query-params")
    shown: tuple[Callable[[], None], ...] = (
        lambda: _quality(view, study),
        lambda: overlap(view, definition, audience),
        lambda: people(view, definition),
        lambda: size_trend(view, audience),
        lambda: why_in_it(view, audience),
        lambda: versions(view, draft, audience),
    )
    for tab, draw in zip(tabs, shown, strict=True):
        if tab.open:
            with tab:
                draw()


def _quality(view: View, study: Study | None) -> None:
    if study is None or study.auc is None:
        note("Nothing is measured yet. How good the list is stands here once it was studied.")
        return
    heading("How well the list tells your seed from others")
    prose(study.rule)
    note(_compared(study))
    if study.sizes:
        _sizes(view, study)
    _calibration(view, study)
    _drift(view, study)
    _not_used(study)


def _compared(study: Study) -> str:
    assert study.auc is not None
    found = f"AUC {formats.decimals(study.auc.value)}, 95 % sure: {_between(study.auc)}"
    if study.auc_of_most_active is None:
        return f"{found}; random is 0.50. Activity itself defines the seed, so it is no rival."
    most_active = formats.decimals(study.auc_of_most_active)
    return f"{found}; random is 0.50, the most active first {most_active}."


def _between(auc: Auc) -> str:
    return f"{formats.decimals(auc.low)} to {formats.decimals(auc.high)}"


def _sizes(view: View, study: Study) -> None:
    heading("By size", "Of 100 people on the list, how many will do what your seed did.")
    rows = [
        {"size": one.quality.size, "hits": one.quality.precision, "lift": one.quality.lift,
         "between": between(one.quality.low, one.quality.high), "random": one.quality.random,
         "active": one.quality.most_active, "reachable": one.reachable}
        for one in study.sizes
    ]  # fmt: skip
    columns = (
        text("People", "size", formats.group),
        number("Of 100", "hits", of_100),
        number("95 % sure", "between", str),
        number("Random", "random", of_100),
        number("Most active first", "active", _if_any),
        number("Lift", "lift", formats.times),
        number("Can receive your e-mail in CEP", "reachable", formats.group),
    )
    table(view, pd.DataFrame(rows), columns, file_name="lookalike-sizes")


def _calibration(view: View, study: Study) -> None:
    if not study.calibration:
        return
    heading("Was it right?", "People of about the same chance together: what was said of them, "
            "and how many of 100 were really the seed's.")  # fmt: skip
    rows = [
        {"said": one.expected, "found": one.found, "between": between(one.low, one.high)}
        for one in study.calibration
    ]
    columns = (
        text("Said, of 100", "said", of_100),
        number("Found, of 100", "found", of_100),
        number("95 % sure", "between", str),
    )
    table(view, pd.DataFrame(rows), columns, file_name="lookalike-calibration")


def _drift(view: View, study: Study) -> None:
    heading("From build to build", drift(study))
    rows = [
        {"at": one.as_of, "label": LABELS[one.label], "auc": one.auc.value,
         "between": _between(one.auc)}
        for one in reversed(study.history)
    ]  # fmt: skip
    columns = (
        text("As of", "at", lambda at: formats.moment(at, view.client.time_zone)),
        text("Quality", "label"),
        number("AUC", "auc", formats.decimals),
        number("95 % sure", "between", str),
    )
    table(view, pd.DataFrame(rows), columns, file_name="lookalike-drift")


def _not_used(study: Study) -> None:
    if not study.not_used:
        return
    heading("What it was not allowed to look at", "It defines the seed, so it would prove nothing.")
    for sentence in study.not_used:
        note(sentence)


def _if_any(share: float | None) -> str:
    return formats.NOTHING if formats.is_missing(share) or share is None else of_100(share)
