"""Overview: four numbers, what needs a person, and the partners ranked."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from dashboard import formats, theme
from dashboard.app_pages.first_run import first_run
from dashboard.app_pages.opening import open_page
from dashboard.app_pages.overview_needs import needs_you
from dashboard.app_pages.overview_report import offer_report
from dashboard.charts.ranked import ranked_bars
from dashboard.charts.template import show
from dashboard.components.markup import heading
from dashboard.components.tile import Tile, tiles
from dashboard.queries import attention, more_rates, rates
from dashboard.queries.attention import Files
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built

WEEK = timedelta(days=7)


def page() -> None:
    """The page."""
    view = open_page("Overview")
    if view is None:
        return
    week = rates.Slice(since=view.as_of_date - WEEK, until=view.as_of_date)
    standing = rates.standing(view, week).set_index("partner_id", drop=False)
    if rates.ALL not in standing.index or not standing.loc[rates.ALL, "denominator"]:
        first_run(view.settings, view.client, "Overview", view.build_id)
        return
    files = attention.files(view)
    _four_tiles(view, standing, files)
    needs_you(view, files)
    _ranking(view, standing, week)
    offer_report(view)


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
        f"in the night of {formats.short_day(formats.in_zone(view.as_of, view.client.time_zone))}"
        + (f", {files.late} of them late" if files.late else ", on time" if at else ""),
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


def _ranking(view: View, standing: pd.DataFrame, week: rates.Slice) -> None:
    partners = standing.drop(index=[rates.ALL, rates.CEP], errors="ignore")
    partners = partners.assign(added_rate=None, uplift=None)
    with as_far_as_built():
        found = more_rates.more(view, week).set_index("partner_id")
        many = found["known_records"] >= formats.SMALL
        partners = partners.assign(
            added_rate=found["incremental_match_rate"], uplift=found["uplift"].where(many)
        )
    is_told = partners["added_rate"].notna().any()
    known = (
        " Grey is what the partner knew by itself, where that is known; uplift is what we add."
        if is_told
        else ""
    )
    heading(
        "Match rate by partner",
        f"Last 30 days. The tick is where the partner was a week ago.{known}",
    )
    show(ranked_bars(partners, theme.current()), key="ranking", alt=_in_words(partners))


def _in_words(partners: pd.DataFrame) -> str:
    told = [
        f"{row.partner_name} {formats.rate(row.match_rate, row.denominator)}, "
        f"{formats.points(row.change)} on last week"
        for row in partners.itertuples(index=False)
    ]
    return f"Match rates: {'; '.join(told)}"
