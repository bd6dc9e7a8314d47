"""Overview: four numbers, what needs a person, and the partners ranked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, identity, theme
from dashboard.app_pages.opening import open_page, show_first_steps
from dashboard.app_pages.partner_detail import NO_SITE
from dashboard.charts.ranked import ranked_bars
from dashboard.charts.template import show
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.components.tile import Tile, tiles
from dashboard.navigation import link
from dashboard.queries import attention, more_rates, rates
from dashboard.queries.attention import Files
from dashboard.queries.descriptions import describe
from dashboard.queries.health import health
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built

WEEK = timedelta(days=7)
NEEDS_AT_MOST = 3


@dataclass(frozen=True)
class Need:
    """Something for a person to do, and the page where it is done."""

    text: str
    what_to_do: str
    page: str
    label: str
    filters: dict[str, str] = field(default_factory=dict)


def page() -> None:
    """The page."""
    view = open_page("Overview")
    if view is None:
        return
    week = rates.Slice(since=view.as_of_date - WEEK, until=view.as_of_date)
    standing = rates.standing(view, week).set_index("partner_id", drop=False)
    if rates.ALL not in standing.index or not standing.loc[rates.ALL, "denominator"]:
        show_first_steps(view.settings)
        return
    files = attention.files(view)
    _four_tiles(view, standing, files)
    _needs_you(view, files)
    _ranking(view, standing, week)


def _four_tiles(view: View, standing: pd.DataFrame, files: Files) -> None:
    every = standing.loc[rates.ALL]
    shown = [
        Tile(
            "Match rate",
            formats.rate(every["match_rate"], every["denominator"]),
            f"{formats.count(every['numerator'])} of {formats.count(every['denominator'])} "
            "CRM records are matched at one partner or more (last 30 days)",
            _on_last_week(every["change"]),
            describe(view, "match_rates.match_rate"),
        ),
        Tile(
            "Records matched",
            formats.count(every["numerator"]),
            "with a cookie seen at one partner or more in the last 30 days",
            _more_than_last_week(every["numerator"], every["numerator_before"]),
            describe(view, "match_rates.numerator"),
        ),
    ]
    if rates.CEP in standing.index:
        shown.append(_cep_tile(standing.loc[rates.CEP]))
    shown.append(_files_tile(view, files))
    tiles(shown)


def _cep_tile(cep: pd.Series) -> Tile:
    return Tile(
        "CEP match rate",
        formats.rate(cep["match_rate"], cep["denominator"]),
        f"{formats.count(cep['numerator'])} of {formats.count(cep['denominator'])} "
        "CEP contacts are linked to a browser (last 30 days)",
        _on_last_week(cep["change"]),
    )


def _files_tile(view: View, files: Files) -> Tile:
    at = files.delivered_at
    by = f"by {formats.clock_time(at, view.client.time_zone)}" if at else "none yet"
    return Tile(
        "Nightly files delivered",
        f"{files.delivered} of {files.expected}",
        f"in the night of {formats.short_day(formats.in_zone(view.as_of, view.client.time_zone))}",
        by,
    )


def _on_last_week(change: float) -> str:
    if formats.is_missing(change):
        return "first week"
    size = formats.points(change)
    return (
        "as last week"
        if size.startswith("±")
        else f"{formats.arrow(change)} {size[1:]} on last week"
    )


def _more_than_last_week(now: float, before: float) -> str:
    if formats.is_missing(before):
        return "first week"
    difference = now - before
    if not difference:
        return "as last week"
    return f"{formats.arrow(difference)} {formats.count(abs(difference))} on last week"


def _needs_you(view: View, files: Files) -> None:
    heading("Needs you")
    needs: list[Need] = [*_silences(view)]
    with as_far_as_built():
        needs += _overdue(view)
    needs = [*needs, *_refusals(files)][:NEEDS_AT_MOST]
    unsent = 0 if health(view.settings).running else files.unsent
    if not needs and not unsent:
        note("Nothing. Every partner that calls regularly called, and every file arrived.")
    for need in needs:
        left, right = st.columns([6, 1], vertical_alignment="center")
        with left:
            notice("warning", need.text, need.what_to_do)
        with right:
            client = identity.label(view.settings, view.client)
            link(need.page, need.label, client, **need.filters)
    if unsent:
        text = f"{formats.plural(unsent, 'nightly file')} not sent yet."
        notice("warning", text, command="matchbook deliver")


def _silences(view: View) -> Iterator[Need]:
    for row in attention.silent(view).itertuples(index=False):
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


def _ranking(view: View, standing: pd.DataFrame, week: rates.Slice) -> None:
    partners = standing.drop(index=[rates.ALL, rates.CEP], errors="ignore")
    partners = partners.assign(added_rate=None)
    with as_far_as_built():
        found = more_rates.more(view, week).set_index("partner_id")
        partners = partners.assign(added_rate=found["incremental_match_rate"])
    is_told = partners["added_rate"].notna().any()
    known = " Grey is what the partner knew by itself, where that is known." if is_told else ""
    heading(
        "Match rate by partner",
        f"Last 30 days. The tick is where the partner was a week ago.{known}",
    )
    alt = ", ".join(
        f"{row.partner_name} {formats.rate(row.match_rate, row.denominator)}"
        for row in partners.itertuples(index=False)
    )
    show(ranked_bars(partners, theme.current()), key="ranking", alt=f"Match rates: {alt}")
