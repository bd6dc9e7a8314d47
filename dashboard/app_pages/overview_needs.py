"""What needs a person: anomalies nobody knows of, silences, late uploads, files not taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.partner_detail import NO_SITE
from dashboard.app_pages.quality_anomalies import PARAMETER, label
from dashboard.components.markup import heading, note, quiet_line
from dashboard.components.notice import notice
from dashboard.navigation import link
from dashboard.queries import alerts, attention
from dashboard.queries.attention import Files
from dashboard.queries.health import health
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from matchbook.alerts.store import Alert
from matchbook.alerts.words import likely, what

NEEDS_AT_MOST = 3


@dataclass(frozen=True)
class Need:
    """Something for a person to do, and the page where it is done."""

    text: str
    what_to_do: str
    page: str
    label: str
    filters: dict[str, str] = field(default_factory=dict)


def needs_you(view: View, files: Files) -> None:
    """Three lines at most, each with its button; below them what somebody knows already."""
    heading("Needs you")
    open_alerts = [alert for alert in alerts.alerts(view) if alert.is_open]
    needs = [*_anomalies(view, open_alerts), *_silences(view, open_alerts)]
    with as_far_as_built():
        needs += _overdue(view)
    needs += _refusals(files)
    unsent = 0 if health(view.settings).running else files.unsent
    known = [alert for alert in open_alerts if not alert.needs_somebody]
    if not needs and not unsent and not known:
        note("Nothing. Every partner that calls regularly called, and every file arrived.")
    for need in needs[:NEEDS_AT_MOST]:
        _line(view, need)
    if len(needs) > NEEDS_AT_MOST:
        _others(view, needs[NEEDS_AT_MOST:])
    if unsent:
        text = f"{formats.plural(unsent, 'nightly file')} not sent yet."
        notice("warning", text, command="matchbook deliver")
    for alert in known:
        _known(view, alert)


def _line(view: View, need: Need) -> None:
    left, right = st.columns([6, 1.25], vertical_alignment="center")
    with left:
        notice("warning", need.text, need.what_to_do)
    with right:
        link(need.page, need.label, identity.label(view.settings, view.client), **need.filters)


def _others(view: View, needs: list[Need]) -> None:
    """One line says what else there is."""
    note(f"And {formats.plural(len(needs), 'other')}: {' '.join(need.text for need in needs)}")


def _known(view: View, alert: Alert) -> None:
    said = f": {alert.note}" if alert.note else ""
    place = f"{alerts.names(view).place(alert)}: {what(alert)}"
    quiet_line(f"{place} since {_since(alert)}. {alert.acknowledged_by} knows{said}", "check")


def _anomalies(view: View, found: list[Alert]) -> Iterator[Need]:
    named = alerts.names(view)
    for alert in found:
        if alert.needs_somebody:
            text = f"{named.place(alert)}: {what(alert)} since {_since(alert)}."
            where = {"tab": "Anomalies", PARAMETER: label(alert, named)}
            yield Need(text, f"Likely: {likely(alert)}.", "data_quality", "Look at it", where)


def _silences(view: View, found: list[Alert]) -> Iterator[Need]:
    for row in attention.silent(view).itertuples(index=False):
        if any(alerts.is_covered(alert, row.partner_id, row.site_id) for alert in found):
            continue
        since = formats.short_day(attention.silent_since(row.last_day))
        text = f"{row.partner_name} is silent on {row.site_name} since {since}."
        where = {"partner": row.partner_name, "site": _site(row)}
        yield Need(
            text, "Check its tag on that site.", "partners", f"See {row.partner_name}", where
        )


def _site(row: Any) -> str:
    return str(row.site_name) if row.site_id else NO_SITE


def _overdue(view: View) -> Iterator[Need]:
    for row in attention.overdue(view).itertuples(index=False):
        late = formats.plural(int(row.days_overdue), "day")
        text = f"{row.list_name}: upload {late} overdue."
        todo = f"It is uploaded every {row.upload_every}. Send the newest file."
        yield Need(text, todo, "crm_uploads", "Upload")


def _refusals(files: Files) -> Iterator[Need]:
    for name, reason in files.missing:
        text = f"{name} did not take tonight's file."
        yield Need(
            text, f"{reason.rstrip('.')}.", "nightly_files", "See its file", {"partner": name}
        )


def _since(alert: Alert) -> str:
    return formats.short_day(alert.since_date)
