"""Data quality: where every line went, what was rejected, what landed, and how it is built."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.app_pages.filters import choose, choose_days
from dashboard.app_pages.opening import open_page
from dashboard.app_pages.quality_anomalies import anomalies
from dashboard.app_pages.quality_definitions import definitions
from dashboard.app_pages.quality_lines import account_of_lines
from dashboard.app_pages.quality_loads import loads
from dashboard.app_pages.quality_rejected import rejected_lines
from dashboard.app_pages.quality_runs import run_times
from dashboard.app_pages.quality_tests import tests_and_lineage
from dashboard.queries import lines
from dashboard.queries.lines import Slice
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from dashboard.wording import SOURCES

OF_LINES: dict[str, Callable[[View, Slice], None]] = {
    "Lines": account_of_lines,
    "Rejected lines": rejected_lines,
    "Loads": loads,
}
OF_BUILDS: dict[str, Callable[[View], None]] = {
    "Anomalies": anomalies,
    "Tests and lineage": tests_and_lineage,
    "Run times": run_times,
    "Definitions": definitions,
}


def page() -> None:
    """The page."""
    view = open_page("Data quality")
    if view is None:
        return
    tabs = st.tabs([*OF_LINES, *OF_BUILDS], key="tab", bind="query-params")
    of_lines, of_builds = tabs[: len(OF_LINES)], tabs[len(OF_LINES) :]
    for tab, account in zip(of_lines, OF_LINES.values(), strict=True):
        if tab.open:
            with tab, as_far_as_built():
                account(view, _filters(view))
    for tab, told in zip(of_builds, OF_BUILDS.values(), strict=True):
        if tab.open:
            with tab, as_far_as_built():
                told(view)


def _filters(view: View) -> Slice:
    columns = st.columns([3, 2, 4])
    with columns[0]:
        since, until = choose_days("Days (UTC)", lines.days(view), key="line_dates")
    with columns[1]:
        source = choose("Source", SOURCES, key="source")
    return Slice(since, until, source)
