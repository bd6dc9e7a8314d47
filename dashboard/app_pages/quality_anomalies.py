"""The tab *Anomalies*: what is off on which site, since when, why, and who knows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats, identity, theme
from dashboard.app_pages.filters import choose
from dashboard.charts.template import show
from dashboard.charts.usual import beside_the_usual
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.components.row_card import RowCard, row_card
from dashboard.components.table import table, text
from dashboard.queries import alerts
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built, errors_in_words
from matchbook.access import Action
from matchbook.alerts import store
from matchbook.alerts.store import LONGEST_NOTE, Alert
from matchbook.alerts.words import CAUSES, Names, likely, what

PARAMETER = "anomaly"
SHOWN = 40
MEASURED = {
    "volume": ("Calls per UTC day", "", False),
    "gone": ("Calls per UTC day", "", False),
    "consent": ("Calls with consent, of all calls per UTC day", " %", True),
    "format": ("Calls with a usual cookie id, of all calls per UTC day", " %", True),
    "duplicates": ("Calls per 100 cookie ids and UTC day", "", True),
}


def anomalies(view: View) -> None:
    """The tab."""
    found = alerts.alerts(view)[:SHOWN]
    heading(
        "Anomalies",
        "Calls of partners' tags on a site that are far from what is usual on that weekday.",
    )
    if not found:
        empty_state(
            "Nothing has been off.",
            "What is off stands here with its likely cause. A site is known after two weeks.",
            Button("See what each tag calls", "partners"),
        )
        return
    named = alerts.names(view)
    ordered = sorted(found, key=lambda alert: not alert.is_open)
    labels = {str(alert.alert_id): label(alert, named) for alert in ordered}
    chosen = choose("Anomaly", labels, key=PARAMETER)
    alert = next(one for one in ordered if str(one.alert_id) == chosen)
    _one(view, alert, named)
    _every(view, ordered, named)


def label(alert: Alert, named: Names) -> str:
    """`18 Nov · Tealium on shop.example`: what the URL holds, so the same for ever."""
    since = formats.short_day(alert.since_date)
    return f"{since} · {named.place(alert)} · {CAUSES[alert.cause].lower()}"


def _one(view: View, alert: Alert, named: Names) -> None:
    row_card(
        RowCard(
            title=f"{named.place(alert)}: {what(alert)}",
            below=f"Likely: {likely(alert)}.",
            state=_state(alert),
            is_trouble=alert.is_open,
            remark=_remark(alert, view),
        )
    )
    with as_far_as_built():
        _chart(view, alert, named)
    _acknowledge(view, alert)


def _chart(view: View, alert: Alert, named: Names) -> None:
    title, unit, is_share = MEASURED[alert.cause]
    days = alerts.around(view, alert)
    if days.empty:
        note("Its days have left what is looked at.")
        return
    heading(title, "The band is what was usual on each weekday; 19 of 20 days are in it.")
    drawn = beside_the_usual(
        days, alert.since_date, alert.until_date, theme.current(), is_share=is_share, unit=unit
    )
    show(drawn, key="anomaly_days", alt=f"{named.place(alert)}: {what(alert)}")


def _acknowledge(view: View, alert: Alert) -> None:
    """Anybody who sees it may say that they know: it changes nothing but the note."""
    key = f"anomaly_{alert.alert_id}"
    left, right = st.columns([5, 1.3], vertical_alignment="bottom")
    with left:
        written = st.text_input(
            "What was it? The note stands on the charts.", alert.note or "", key=f"{key}_note",
            max_chars=LONGEST_NOTE, placeholder="New tag manager release",
        )  # fmt: skip
    verb = "Save the note" if alert.acknowledged_at else "Acknowledge"
    with right, errors_in_words():
        if st.button(verb, key=f"{key}_known", type="primary", width="stretch"):
            by = identity.require(view.settings, alert.client_id, Action.READ).name
            store.acknowledge(view.settings, alert.alert_id, by=by, note=written)
            st.rerun()
    if alert.needs_somebody:
        notice("info", "Nobody has said that they know.", "Until then it stands on the Overview.")


def _every(view: View, found: list[Alert], named: Names) -> None:
    heading("All anomalies", f"The newest {SHOWN} at most.")
    frame = pd.DataFrame(
        [
            {
                "since": formats.short_day(alert.since_date),
                "place": named.place(alert),
                "what": _capital(what(alert)),
                "likely": _capital(likely(alert)),
                "until": "goes on" if alert.is_open else formats.short_day(alert.until_date),
                "note": alert.note or "",
            }
            for alert in sorted(found, key=lambda one: one.since_date, reverse=True)
        ]
    )
    columns = (
        text("Since", "since"),
        text("Until", "until"),
        text("Where", "place"),
        text("What", "what"),
        text("Likely", "likely"),
        text("Note", "note"),
    )
    table(view, frame, columns, file_name="anomalies", is_tall=len(frame) > 12)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _state(alert: Alert) -> str:
    if alert.is_open:
        return f"Since {formats.short_day(alert.since_date)}"
    first, last = formats.short_day(alert.since_date), formats.short_day(alert.until_date)
    return f"On {first}" if first == last else f"{first} to {last}"


def _remark(alert: Alert, view: View) -> str:
    if alert.acknowledged_at is None:
        return ""
    when = formats.moment(alert.acknowledged_at, view.client.time_zone)
    said = f": {alert.note}" if alert.note else ""
    return f"{alert.acknowledged_by} knows since {when}{said}"
