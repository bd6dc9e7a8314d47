"""Below the match rate: why it changed, the other rates, and how fast uploads become matched."""

from __future__ import annotations

import pandas as pd

from dashboard import formats, theme
from dashboard.charts.annotations import Mark
from dashboard.charts.template import show
from dashboard.charts.trends import scale, small_multiples
from dashboard.components.markup import heading, note
from dashboard.components.table import Column, number, table, text
from dashboard.components.tile import Tile, tiles
from dashboard.queries import more_rates, rates
from dashboard.queries.descriptions import describe
from dashboard.queries.more_rates import MILESTONES
from dashboard.queries.rates import Slice
from dashboard.queries.reading import View
from dashboard.wording import CEP_WAYS, movement

RATES = (
    ("Match rate", "match_rate", "matched_records", "eligible_records"),
    ("Partner's own rate", "partner_own_rate", "known_records", "eligible_records"),
    ("Incremental match rate", "incremental_match_rate", "added_records", "eligible_records"),
    ("Cookie match rate", "cookie_match_rate", "matched_cookies", "seen_cookies"),
    ("Sync rate", "sync_rate", "synced_browsers", "seen_browsers"),
)
"""Name on screen, and columns of the mart: the rate, its numerator and its denominator."""

NEEDS_BASELINE = ("partner_own_rate", "incremental_match_rate")


def change_in_words(view: View, partner_id: str) -> str:
    """`Last 7 days: fell 0.9 points: −1.6 new records not seen yet, +0.7 newly recognised`."""
    found = more_rates.changes(view, partner_id)
    if found.empty or found["records"].iloc[0] < formats.SMALL:
        return ""
    total = float(found["match_rate"].iloc[0] - found["match_rate_before"].iloc[0])
    parts = formats.tenths(list(found["points"]), total)
    told = [
        f"{'+' if size > 0 else '−'}{formats.decimals(abs(size) / 10, 1)} {movement(code, size)}"
        for code, size in zip(found["reason"], parts, strict=True)
        if size
    ]
    return (
        f"Last 7 days: {formats.movement(total).lower()}"
        + (": " if told else ".")
        + ", ".join(told)
    )


def show_more(view: View, partner_id: str, part: Slice) -> None:
    """The other rates: of one partner with what they are made of, else by partner."""
    found = more_rates.more(view, part)
    if partner_id == rates.CEP:
        return
    if found.empty and part.until < view.as_of_date:
        heading("More rates", f"Counted for the newest day only, {formats.day(view.as_of_date)}.")
        return
    if found.empty:
        return
    heading("More rates", f"On {formats.day(part.until)}, seen in the last {_days(part)}.")
    if partner_id == rates.ALL:
        _by_partner(view, found)
        return
    mine = found[found["partner_id"] == partner_id]
    if not mine.empty:
        _one_by_one(view, mine.iloc[0])


def show_cohorts(view: View, partner_id: str) -> None:
    """How much of each upload's new records was matched after some days."""
    found = more_rates.cohorts(view, partner_id, formats.SMALL)
    if found.empty or partner_id == rates.CEP:
        return
    meaning = describe(view, "upload_cohorts.matched_share")
    heading("How fast uploads become matched", "Records that an upload was the first to name.")
    days = [
        Column(
            more_rates.after(days),
            lambda row, days=days: formats.rate(row[f"day_{days}"]),  # type: ignore[misc]
            is_number=True,
            meaning=meaning,
        )
        for days in MILESTONES
    ]
    columns = (
        Column("Upload", lambda row: f"{row['list_name']}, {formats.day(row['uploaded_date'])}"),
        number("New records", "new_records", meaning=describe(view, "upload_cohorts.new_records")),
        *days,
    )
    table(view, found, columns, file_name="how-fast-uploads-become-matched")


def show_ways(view: View, part: Slice) -> None:
    """The CEP match rate by how contacts were linked, with the approvals of the two switches."""
    found = more_rates.ways(view, part)
    if found.empty:
        return
    heading("How contacts were linked", "A contact linked in two ways counts at both.")
    panels = {name: found[found["way"] == way] for way, name in CEP_WAYS.items()}
    top = scale(panels.values())
    events = [event for event in rates.events(view, part) if not event.is_trouble]
    marks = {name: [Mark(event.day) for event in events] for name in panels}
    show(small_multiples(panels, marks, theme.current(), top=top), key="ways", alt="By how")
    note(
        "The CEP match rate counts clicks and e-mails read online. Who signed in on the site is "
        "known through the CRM record and is shown beside it."
    )


def _days(part: Slice) -> str:
    return formats.plural(part.look_back, "day")


def _by_partner(view: View, found: pd.DataFrame) -> None:
    columns = [text("Partner", "partner_name")]
    for label, name, _, denominator in RATES:
        columns.append(_column(view, label, name, denominator))
    columns.append(_ids_column(view))
    table(view, found, columns, file_name="more-rates")
    if found["baseline_date"].isna().any():
        note(
            "Not known: what a partner knew by itself is only known from its own matched ids. "
            "Ask for them and land them with matchbook ingest baseline."
        )


def _column(view: View, label: str, name: str, denominator: str) -> Column:
    def write(row: pd.Series) -> str:
        if name in NEEDS_BASELINE and pd.isna(row["baseline_date"]):
            return formats.NOTHING if row["partner_id"] == rates.ALL else "not known"
        return _rate(row, name, denominator)

    return Column(label, write, is_number=True, meaning=describe(view, f"more_rates.{name}"))


def _rate(row: pd.Series, name: str, denominator: str) -> str:
    whole = row[denominator]
    return formats.rate(row[name], None if pd.isna(whole) else int(whole))


def _ids_column(view: View) -> Column:
    return Column(
        "Ids per record",
        lambda row: _ids(row),
        is_number=True,
        meaning=describe(view, "more_rates.ids_per_record"),
    )


def _ids(row: pd.Series) -> str:
    if row["matched_records"] < formats.SMALL:
        return f"<{formats.SMALL}"
    return formats.decimals(row["ids_per_record"])


def _one_by_one(view: View, row: pd.Series) -> None:
    shown = [_tile(view, row, *named) for named in RATES if named[1] != "match_rate"]
    shown.append(
        Tile(
            "Ids per record",
            _ids(row),
            f"{formats.count(row['matched_pairs'])} cookie ids of "
            f"{formats.count(row['matched_records'])} matched records",
            meaning=describe(view, "more_rates.ids_per_record"),
        )
    )
    tiles(shown)


def _tile(
    view: View, row: pd.Series, label: str, name: str, numerator: str, denominator: str
) -> Tile:
    meaning = describe(view, f"more_rates.{name}")
    if name in NEEDS_BASELINE and pd.isna(row["baseline_date"]):
        return Tile(
            label, "not known", f"Ask {row['partner_name']} for its matched ids.", "", meaning
        )
    if pd.isna(row[denominator]) or pd.isna(row[numerator]):
        return Tile(label, formats.NOTHING, "Not split this way.", "", meaning)
    counted = f"{formats.count(row[numerator])} of {formats.count(row[denominator])}"
    told = f"{counted} {_COUNTED[name]}{_addition(row, name)}"
    interval = formats.interval(row.get(f"{name}_low"), row.get(f"{name}_high"))
    return Tile(
        label,
        _rate(row, name, denominator),
        told + (f"; 95 % interval {interval}" if interval else ""),
        "",
        meaning,
    )


_COUNTED = {
    "partner_own_rate": "usable records",
    "incremental_match_rate": "usable records",
    "cookie_match_rate": "cookie ids seen",
    "sync_rate": "browsers seen",
}


def _addition(row: pd.Series, name: str) -> str:
    """What comes on top of what the partner knew, and since when that is known."""
    if name == "partner_own_rate":
        return f", by its matched ids of {formats.day(row['baseline_date'])}"
    known = row["known_records"]
    if name == "incremental_match_rate" and not pd.isna(known) and known >= formats.SMALL:
        return f", {formats.rate(row['uplift'])} on top of what it knew"
    return ""
