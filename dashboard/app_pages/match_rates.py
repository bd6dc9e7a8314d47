"""Match rates: how they developed, and at which step records are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import formats, theme
from dashboard.app_pages.filters import choose, choose_days
from dashboard.app_pages.losses import show_losses
from dashboard.app_pages.match_lookup import show_lookup
from dashboard.app_pages.more_rates import change_in_words, show_cohorts, show_more, show_ways
from dashboard.app_pages.opening import open_page
from dashboard.app_pages.rate_rows import show_rows
from dashboard.charts.annotations import Mark
from dashboard.charts.template import show
from dashboard.charts.trends import scale, small_multiples, trend
from dashboard.components.empty import Button, empty_state
from dashboard.components.events import event_list
from dashboard.components.markup import heading, note
from dashboard.components.table import Column, number, table, text
from dashboard.components.tile import Tile, tiles
from dashboard.queries import rates
from dashboard.queries.descriptions import describe
from dashboard.queries.rates import Event, Slice
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from dashboard.wording import identifier_type

LOOK_BACKS = {30: "30 days", 1: "1 day", 7: "7 days", 90: "90 days"}
ANY = "all"
MARKS = "Dotted lines are events, amber ones anomalies."
TABS = ("Rates", "Where we lose records", "Match lookup")


@dataclass(frozen=True)
class Choice:
    """What the filters say."""

    partner_id: str
    partner_name: str
    part: Slice


def page() -> None:
    """The page."""
    view = open_page("Match rates")
    if view is None:
        return
    tabs = st.tabs(TABS, key="tab", bind="query-params")
    if tabs[0].open:
        with tabs[0]:
            _show_rates(view, _filters(view))
    if tabs[1].open:
        with tabs[1]:
            show_losses(view)
    if tabs[2].open:
        with tabs[2]:
            show_lookup(view)


def _filters(view: View) -> Choice:
    partners = rates.partner_names(view)
    sites = {ANY: "All sites", **rates.breakdowns(view, "site")}
    types = {ANY: "All types"} | {
        key: identifier_type(key) for key in rates.breakdowns(view, "identifier_type")
    }
    columns = st.columns([2, 2, 2, 3.4, 1.8])
    with columns[0]:
        partner_id = choose("Partner", partners, key="partner")
    with columns[1]:
        site = choose("Site", sites, key="site")
    with columns[2]:
        kind = choose(
            "Identifier",
            types,
            key="type",
            disabled=site != ANY,
            help="Rates exist by site or by identifier type, not by both at once.",
        )
    with columns[3]:
        since, until = choose_days("Days (UTC)", rates.days(view), key="dates")
    with columns[4]:
        look_back = choose(
            "Seen in the last",
            {str(days): label for days, label in LOOK_BACKS.items()},
            key="days",
            help=describe(view, "match_rates.look_back_days"),
        )
    breakdown, value = (ANY, ANY)
    if site != ANY:
        breakdown, value = "site", site
    elif kind != ANY:
        breakdown, value = "identifier_type", kind
    return Choice(
        partner_id, partners[partner_id], Slice(since, until, int(look_back), breakdown, value)
    )


def _show_rates(view: View, choice: Choice) -> None:
    history = rates.history(view, choice.part)
    mine = history[history["partner_id"] == choice.partner_id]
    # By site, partners have rates of their own and there is none over all of them.
    is_every = choice.partner_id == rates.ALL
    if history.empty or not (history if is_every else mine)["numerator"].any():
        _nothing(view, choice)
        return
    standing = rates.standing(view, choice.part)
    _headline(view, choice, standing)
    _charts(view, choice, history)
    with as_far_as_built():
        if choice.partner_id == rates.CEP:
            show_ways(view, choice.part)
        show_more(view, choice.partner_id, choice.part)
        show_cohorts(view, choice.partner_id)
    _details(view, choice, standing, history)
    with as_far_as_built():
        show_rows(view, choice.partner_id, choice.part)


def _nothing(view: View, choice: Choice) -> None:
    if choice.partner_id in (rates.ALL, rates.CEP) or choice.part.breakdown != ANY:
        empty_state(
            "No rates for this choice.",
            "There is none on these days, for this site or type of identifier.",
            Button("Show all partners and days", on_click=_show_everything),
        )
        return
    empty_state(
        f"{choice.partner_name} has not synced yet.",
        "Its match rate stands here once a call with one of its cookie ids is accepted; in these "
        "days none was.",
        Button("Check the pixel", "pixels", {"tab": "Check a page"}),
    )


def _show_everything() -> None:
    for key in ("partner", "site", "type", "dates", "days"):
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


def _headline(view: View, choice: Choice, standing: pd.DataFrame) -> None:
    found = standing[standing["partner_id"] == choice.partner_id]
    if found.empty:
        return
    row = found.iloc[0]
    is_cep = choice.partner_id == rates.CEP
    counted = "CEP contacts, linked" if is_cep else "usable CRM records, seen"
    label = "CEP match rate" if is_cep else "Match rate, " + choice.partner_name
    headline = Tile(
        label.replace("All partners", "all partners"),
        formats.rate(row["match_rate"], row["denominator"]),
        f"{formats.count(row['numerator'])} of {formats.count(row['denominator'])} "
        f"{counted} in the last {LOOK_BACKS[choice.part.look_back]}, "
        f"on {formats.day(choice.part.until)}",
        _change(row, choice),
        describe(view, "match_rates.match_rate"),
    )
    tiles([headline, *_audited(view)])
    with as_far_as_built():
        _why(view, choice)


def _audited(view: View) -> Sequence[Tile]:
    """How many of the matches are right, as later evidence tells."""
    with as_far_as_built():
        row = rates.audited(view)
        if row is not None:
            tested, confirmed = int(row["tested_pairs"]), int(row["confirmed_pairs"])
            between = formats.interval(row["interval_low"], row["interval_high"])
            return [
                Tile(
                    "Audited precision",
                    formats.rate(row["audited_precision"], tested),
                    f"{formats.count(confirmed)} of {formats.count(tested)} recognised "
                    f"browsers were whose we said the evening before, in the last 30 days; "
                    f"95 % interval {between}",
                    meaning=describe(view, "audited_precision.audited_precision"),
                )
            ]
    return []


def _why(view: View, choice: Choice) -> None:
    """Why it changed, where the filters show the very rate that the reasons are told of."""
    is_newest = choice.part.until == view.as_of_date
    if is_newest and choice.part.is_headline:
        told = change_in_words(view, choice.partner_id)
        if told:
            note(told)


def _change(row: pd.Series, choice: Choice) -> str:
    if formats.is_missing(row["change"]):
        return ""
    matched = formats.more(row["numerator"] - row["numerator_before"])
    usable = formats.more(row["denominator"] - row["denominator_before"])
    since = formats.short_day(choice.part.since)
    return f"{formats.movement(row['change'])} since {since}: {matched} matched, {usable} usable"


def _charts(view: View, choice: Choice, history: pd.DataFrame) -> None:
    events = rates.events(view, choice.part, choice.partner_id)
    if choice.partner_id == rates.ALL:
        _every_partner(history, events)
        return
    heading("Match rate per UTC day", MARKS if events else "")
    mine = history[history["partner_id"] == choice.partner_id]
    drawn = trend(mine, _marks(events), theme.current())
    show(drawn, key="trend", alt=f"Match rate of {choice.partner_name} per day")
    event_list(events)


def _every_partner(history: pd.DataFrame, events: Sequence[Event]) -> None:
    heading("Every partner on one scale", f"Match rate per UTC day. {MARKS if events else ''}")
    panels = {str(name): part for name, part in history.groupby("partner_name", sort=False)}
    panels.pop("All partners", None)
    top = scale(panels.values())
    marks = {name: _marks(events, part["partner_id"].iloc[0]) for name, part in panels.items()}
    cep = {name: panels.pop(name) for name in [rates.CEP_NAME] if name in panels}
    if panels:
        drawn = small_multiples(panels, marks, theme.current(), top=top)
        show(drawn, key="multiples", alt="Match rate per partner and day")
    if not cep:
        event_list(events)
        return
    left, right = st.columns([1, 2], gap="large")
    with left:
        drawn = small_multiples(cep, marks, theme.current(), top=top, columns=1)
        show(drawn, key="cep", alt="CEP match rate per day")
    with right:
        event_list(events)


def _marks(events: Sequence[Event], partner_id: str = rates.ALL) -> list[Mark]:
    """Of one partner's panel: what is said of all of them, and of it."""
    whose = (rates.ALL, partner_id)
    return [
        Mark(event.day, event.is_trouble)
        for event in events
        if partner_id == rates.ALL or event.partner_id in whose
        if not (partner_id == rates.CEP and event.is_trouble)
    ]


def _details(view: View, choice: Choice, standing: pd.DataFrame, history: pd.DataFrame) -> None:
    heading("In numbers")
    if choice.partner_id == rates.ALL:
        _partner_table(view, choice, standing)
    else:
        mine = history[history["partner_id"] == choice.partner_id]
        _day_table(view, choice, mine.iloc[::-1])


def _partner_table(view: View, choice: Choice, standing: pd.DataFrame) -> None:
    since = formats.short_day(choice.part.since)
    columns = (
        text("Partner", "partner_name"),
        _rate_column(view),
        number(f"Since {since}", "change", formats.points),
        *_count_columns(view),
    )
    table(view, standing, columns, file_name="match-rates")


def _day_table(view: View, choice: Choice, days: pd.DataFrame) -> None:
    columns = (
        text("Day", "as_of_date", formats.day),
        text("Partner", "partner_name"),
        _rate_column(view),
        *_count_columns(view),
    )
    name = choice.partner_id.replace("_", "-")
    table(view, days, columns, file_name=f"match-rate-{name}-by-day", is_tall=True)


def _rate_column(view: View) -> Column:
    return Column(
        "Match rate",
        lambda row: formats.rate(row["match_rate"], row["denominator"]),
        is_number=True,
        meaning=describe(view, "match_rates.match_rate"),
    )


def _count_columns(view: View) -> tuple[Column, ...]:
    return (
        number("Matched", "numerator", meaning=describe(view, "match_rates.numerator")),
        number("Usable", "denominator", meaning=describe(view, "match_rates.denominator")),
    )
