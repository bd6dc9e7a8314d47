"""Below the match rate: why it changed, the other rates, and how fast uploads become matched."""

from __future__ import annotations

import pandas as pd

from dashboard import formats, theme
from dashboard.charts.template import show
from dashboard.charts.trends import scale, small_multiples
from dashboard.components.events import event_list
from dashboard.components.markup import heading, note
from dashboard.components.table import Column, number, table, text
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
        f"{'+' if size > 0 else '−'}{abs(size) / 10:.1f} {movement(code, size)}"
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
    if found.empty or partner_id == rates.CEP:
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
            "Same day" if days == 0 else f"{days} days" if days > 1 else "1 day",
            lambda row, days=days: formats.rate(row[f"day_{days}"]),  # type: ignore[misc]
            is_number=True,
            meaning=meaning,
        )
        for days in MILESTONES
    ]
    columns = (
        text("Upload of", "uploaded_date", formats.day),
        text("List", "list_name"),
        number("New records", "new_records", meaning=describe(view, "upload_cohorts.new_records")),
        *days,
    )
    table(view, found, columns, file_name="how-fast-uploads-become-matched")


def show_ways(view: View, part: Slice) -> None:
    """The CEP match rate by how contacts were linked, with the approvals of the two switches."""
    found = more_rates.ways(view, part)
    if found.empty:
        return
    heading(
        "How contacts were linked",
        "A contact linked in two ways counts at both. Dotted lines are events.",
    )
    events = rates.events(view, part)
    panels = {name: found[found["way"] == way] for way, name in CEP_WAYS.items()}
    top = scale(panels.values())
    days = [event.day for event in events]
    show(small_multiples(panels, days, theme.current(), top=top), key="ways", alt="By how")
    note(
        "The CEP match rate counts clicks and e-mails read online. Who signed in on the site is "
        "known through the CRM record and is shown beside it."
    )
    event_list(events)


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
    return f"{row['ids_per_record']:.2f}"


def _one_by_one(view: View, row: pd.Series) -> None:
    lines = [_line(row, *named) for named in RATES]
    lines.append(
        {
            "rate": "Ids per record",
            "value": _ids(row),
            "interval": "",
            "numerator": formats.count(row["matched_pairs"]),
            "denominator": formats.count(row["matched_records"]),
            "meaning": "ids_per_record",
        }
    )
    columns = (
        text("Rate", "rate"),
        Column("Value", lambda line: line["value"], is_number=True),
        Column(
            "95 % interval",
            lambda line: line["interval"],
            is_number=True,
            meaning="Stated for rates over 50 to 999; a rate over more is a full count.",
        ),
        Column("Counted", lambda line: line["numerator"], is_number=True),
        Column("Of", lambda line: line["denominator"], is_number=True),
        text("What it is", "meaning", lambda name: describe(view, f"more_rates.{name}")),
    )
    table(view, pd.DataFrame(lines), columns, file_name=f"more-rates-{row['partner_id']}")
    _baseline_note(row)


def _line(
    row: pd.Series, label: str, name: str, numerator: str, denominator: str
) -> dict[str, str]:
    is_unknown = name in NEEDS_BASELINE and pd.isna(row["baseline_date"])
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return {
        "rate": label,
        "value": "not known" if is_unknown else _rate(row, name, denominator),
        "interval": formats.interval(low, high),
        "numerator": formats.count(row[numerator]),
        "denominator": formats.count(row[denominator]),
        "meaning": name,
    }


def _baseline_note(row: pd.Series) -> None:
    name = row["partner_name"]
    if pd.isna(row["baseline_date"]):
        note(f"What {name} knew by itself is not known: ask {name} for its matched ids.")
        return
    more = formats.rate(row["uplift"]) if row["known_records"] >= formats.SMALL else "–"
    note(
        f"{name} knew {formats.count(row['known_records'])} of these records by itself "
        f"(its matched ids of {formats.day(row['baseline_date'])}); we add "
        f"{formats.count(row['added_records'])}, {more} on top."
    )
