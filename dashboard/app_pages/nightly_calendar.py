"""The calendar: one square per partner and night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from dashboard import formats
from dashboard.components.markup import escape, heading
from dashboard.components.pick import pick, pressable
from dashboard.queries.nightly import Ledger, Night, Outcome
from dashboard.wording import FILE_STATES

MARKS: dict[Outcome, str] = {
    "delivered": "✓", "empty": "✓", "accepted": "✓", "waiting": "…", "unknown": "?",
    "rejected": "!", "none": "",
}  # fmt: skip
LEGEND: tuple[Outcome, ...] = ("delivered", "empty", "accepted", "waiting", "unknown", "rejected")


def calendar(ledger: Ledger, chosen: Night, *, on_pick: Callable[[str], None], goto: str) -> None:
    """All squares, the newest night on the right, with what their colours mean."""
    heading("Nights", "Press a square for its file. Days are the data's (UTC).")
    pick(_table(ledger, chosen) + _legend(ledger), key="calendar", on_pick=on_pick, goto=goto)


def _table(ledger: Ledger, chosen: Night) -> str:
    head = "".join(_day(day, is_first=n == 0) for n, day in enumerate(ledger.days))
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(_square(name, ledger.night(partner_id, day), chosen) for day in ledger.days)
        + "</tr>"
        for partner_id, name in ledger.partners.items()
    )
    return (
        '<div class="mb-calendar" tabindex="0"><table><thead><tr><th scope="col">Partner</th>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _day(day: date, *, is_first: bool) -> str:
    month = formats.MONTHS[day.month - 1] if is_first or day.day == 1 else ""
    return f'<th scope="col"><small>{month}</small>{day.day}</th>'


def _square(name: str, night: Night, chosen: Night) -> str:
    rows = f", {formats.plural(night.rows, 'row')}" if night.rows else ""
    label = f"{name}, {formats.short_day(night.day)}: {FILE_STATES[night.outcome]}{rows}"
    mark = f"<span>{MARKS[night.outcome]}</span>"
    pressed = f"{night.partner_id} {night.day.isoformat()}"
    classes = f"mb-file-{night.outcome}{' mb-chosen' if night == chosen else ''}"
    return f"<td>{pressable(mark, pressed, label, classes=classes)}</td>"


def _legend(ledger: Ledger) -> str:
    met = {night.outcome for night in ledger.nights.values()}
    items = "".join(
        f'<span><i class="mb-file-{kind}">{MARKS[kind]}</i>{escape(FILE_STATES[kind])}</span>'
        for kind in LEGEND
        if kind in met
    )
    return f'<div class="mb-legend">{items}</div>'
