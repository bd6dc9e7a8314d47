"""The weekly report behind its button: made when somebody wants it."""

from __future__ import annotations

import streamlit as st

from dashboard import downloads, report
from dashboard.components.markup import escape
from dashboard.icons import icon
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built, errors_in_words


def offer_report(view: View) -> None:
    """Closed until it is asked for, so that the page does not wait for it."""
    opened = st.expander("Weekly report", on_change="rerun", key="weekly_report")
    if not opened.open:
        return
    with opened, as_far_as_built():
        known = report.weeks_known(view)
        left, right = st.columns([2, 5], vertical_alignment="bottom")
        with left:
            week = st.selectbox("Week", known, key="report_week", format_func=_said,
                                filter_mode=None)  # fmt: skip
        if week:
            with right:
                _link(view, str(week))


@st.fragment(run_every="8m")
def _link(view: View, week: str) -> None:
    with errors_in_words(), as_far_as_built():
        made = report.render(report.read_week(view, report.week_of(week)))
        name = f"{view.client.client_id}-{week.lower()}.html"
        address = downloads.offer(view.settings, view.client.client_id, name, made.encode())
        st.html(
            f'<a class="mb-download" href="{escape(address)}" download>{icon("download")} '
            "Download one page, to send or print</a>"
        )


def _said(week: str) -> str:
    days = report.week_of(week)
    return f"Week {int(week[-2:])}: {days.monday:%-d %b} to {days.sunday:%-d %b}"
