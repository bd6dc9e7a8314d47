"""The report as HTML: one file, no scripts, nothing loaded from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dashboard import formats
from dashboard.app_pages.more_rates import change_in_words
from dashboard.components.markup import escape
from dashboard.queries import alerts, attention, rates
from dashboard.queries.descriptions import describe
from dashboard.report.trend import trend
from dashboard.report.week import Week, on_time
from matchbook.alerts.store import Alert
from matchbook.alerts.words import likely, what

STYLE = Path(__file__).with_name("report.css")
SHOWN = 6


def render(week: Week) -> str:
    """The whole document."""
    view, name = week.view, week.view.client.name
    title = f"{name}, week {int(week.days.name[-2:])} of {week.days.name[:4]}"
    body = "".join(
        (
            _header(week),
            _tiles(week),
            _over_time(week),
            _partners(week),
            _anomalies(week),
            _activity(week),
            f"<footer>{escape(describe(view, 'match_rates.match_rate'))}</footer>",
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE.read_text()}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _header(week: Week) -> str:
    days, zone = week.days, week.view.client.time_zone
    so_far = "" if week.is_over else f" · so far, up to {formats.short_day(week.until)}"
    span = f"{formats.short_day(days.monday)} to {formats.day(days.sunday)}{so_far}"
    return (
        f'<header><p class="client">{escape(week.view.client.name)}</p>'
        f"<h1>Week {int(days.name[-2:])}</h1><p>{escape(span)}</p>"
        f'<p class="fresh">Data as of {escape(formats.moment(week.view.as_of, zone))}, '
        f"times in {escape(zone)}</p></header>"
    )


def _tiles(week: Week) -> str:
    shown = []
    if rates.ALL in week.standing.index:
        every = week.standing.loc[rates.ALL]
        of = f"of {formats.count(every['denominator'])} usable records, last 30 days"
        rate = formats.rate(every["match_rate"], every["denominator"])
        shown += [
            ("Match rate, all partners", rate, _on_last_week(every["change"])),
            ("Records matched", formats.count(every["numerator"]), of),
        ]
    if rates.CEP in week.standing.index:
        cep = week.standing.loc[rates.CEP]
        rate = formats.rate(cep["match_rate"], cep["denominator"])
        shown.append(("CEP match rate", rate, _on_last_week(cep["change"])))
    good, every_file = on_time(week)
    late = every_file - good
    shown.append(
        (
            "Nightly files on time",
            f"{good} of {every_file}" if every_file else formats.NOTHING,
            (f"{late} late or not delivered" if late else "all of them") if every_file else "none",
        )
    )
    return f'<section class="tiles">{"".join(_tile(*one) for one in shown)}</section>'


def _tile(label: str, value: str, below: str) -> str:
    return f"<div><p>{escape(label)}</p><b>{escape(value)}</b><small>{escape(below)}</small></div>"


def _over_time(week: Week) -> str:
    drawn = trend(week.view, week.until)
    why = change_in_words(week.view, rates.ALL) if week.until == week.view.as_of_date else ""
    told = f"<p>{escape(why)}</p>" if why else ""
    return _section("Twelve weeks, all partners", drawn + told) if drawn else ""


def _partners(week: Week) -> str:
    partners = week.standing.drop(index=[rates.ALL, rates.CEP], errors="ignore")
    if partners.empty:
        return ""
    highest = max(partners["match_rate"].max(), partners["rate_before"].max(), 0.0001)
    has_uplift = any(_uplift(week, partner) for partner in partners.index)
    rows = "".join(
        _partner(row, _added(week, row["partner_id"]), _uplift(week, row["partner_id"]), highest)
        for _, row in partners.iterrows()
    )
    keys = "The line is the Sunday before."
    if has_uplift:
        keys += " Grey is what the partner knew by itself; uplift is what we add to it."
    uplift = "<th>Uplift</th>" if has_uplift else "<th></th>"
    return (
        f"<section><h2>Match rate by partner</h2><p>{escape(keys)}</p><table><thead><tr>"
        f"<th>Partner</th><th></th><th>Match rate</th><th>On last week</th>{uplift}"
        f"</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _partner(row: pd.Series, added: float | None, uplift: str, highest: float) -> str:
    is_shown = row["denominator"] >= formats.SMALL
    now = float(row["match_rate"]) if is_shown and not pd.isna(row["match_rate"]) else 0.0
    known = 0.0 if added is None else max(0.0, now - added)
    before = row["rate_before"]
    tick = "" if formats.is_missing(before) else f'<u style="left:{_share(before, highest)}"></u>'
    bar = (
        f'<div class="bar"><i class="own" style="width:{_share(known, highest)}"></i>'
        f'<i style="width:{_share(now - known, highest)}"></i>{tick}</div>'
    )
    rate = formats.rate(row["match_rate"], row["denominator"])
    cells = (rate, _moved(row["change"]), uplift)
    numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
    return f"<tr><th>{escape(row['partner_name'])}</th><td>{bar}</td>{numbers}</tr>"


def _added(week: Week, partner_id: str) -> float | None:
    """What of the rate the partner did not know by itself; None where that is not known."""
    found = _more(week, partner_id)
    value = None if found is None else found["incremental_match_rate"]
    return None if formats.is_missing(value) else float(value or 0)


def _uplift(week: Week, partner_id: str) -> str:
    found = _more(week, partner_id)
    if found is None or formats.is_missing(found["uplift"]):
        return ""
    return "" if found["known_records"] < formats.SMALL else formats.gain(found["uplift"])


def _more(week: Week, partner_id: str) -> Any:
    return week.more.loc[partner_id] if partner_id in week.more.index else None


def _anomalies(week: Week) -> str:
    named = alerts.names(week.view)
    if not week.alerts:
        return _section("Anomalies", "<p>None: calls of all partners were as usual.</p>")
    lines = "".join(
        f"<li><b>{escape(named.place(alert))}: {escape(what(alert))}</b> "
        f"<span>{escape(_when(alert))}</span><br>{escape(_why(alert))}</li>"
        for alert in week.alerts[:SHOWN]
    )
    others = len(week.alerts) - SHOWN
    more = f"<p>And {others} more, on Data quality.</p>" if others > 0 else ""
    return _section("Anomalies", f"<ul>{lines}</ul>{more}")


def _when(alert: Alert) -> str:
    since = f"since {formats.short_day(alert.since_date)}"
    return since if alert.is_open else f"{since}, until {formats.short_day(alert.until_date)}"


def _why(alert: Alert) -> str:
    said = f" {alert.acknowledged_by}: {alert.note}" if alert.note else ""
    return f"Likely: {likely(alert)}.{said}"


def _activity(week: Week) -> str:
    rows = int(week.uploads["lines"].sum())
    rejected = int(week.uploads["quarantined"].sum())
    came = formats.plural(len(week.uploads), "CRM file")
    lines = [
        f"{came} came in with {formats.plural(rows, 'row')}, "
        f"{formats.count(rejected)} of them rejected."
    ]
    lines += [
        f"{_name(week, done.partner_id)}, night of {formats.short_day(done.as_of)}: "
        + ("late" if done.is_taken else f"not delivered. {done.reason or 'No answer yet'}")
        for done in week.files
        if not done.is_taken or attention.is_late(done)
    ][:SHOWN]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return _section("Files", f"<ul>{items}</ul>")


def _name(week: Week, partner_id: str) -> str:
    return alerts.names(week.view).partners.get(partner_id, partner_id)


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{inner}</section>"


def _moved(change: float | None) -> str:
    if formats.is_missing(change):
        return "first week"
    size = formats.points(change)
    if size.startswith("±"):
        return "as last week"
    return f"{formats.arrow(float(change or 0))} {size[1:]}"


def _on_last_week(change: float | None) -> str:
    moved = _moved(change)
    return moved if moved.endswith("week") else f"{moved} on last week"


def _share(value: float, whole: float) -> str:
    return formats.css(float(value) / whole)
