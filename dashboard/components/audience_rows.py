"""Audiences one below the other, each to be opened, copied or put away; and cards to begin one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from dashboard import formats
from dashboard.components.markup import escape
from dashboard.components.pick import pick, pressable
from dashboard.components.sparkline import sparkline
from dashboard.icons import icon

OPEN, COPY, ARCHIVE, BEGIN = "open", "copy", "archive", "begin"
HEAD = ("People", "Reachable in CEP", "People over time", "Goes to", "Kept up to date", "Acts")
NUMBERS = HEAD[:2]


@dataclass(frozen=True)
class AudienceRow:
    """What one line says; sizes are rounded and written out."""

    audience_id: str
    name: str
    below: str
    people: str
    reachable: str
    trend: Sequence[tuple[date, int]]
    goes_to: str
    """The destinations it is pushed to; empty before the first."""
    state: str
    is_trouble: bool


@dataclass(frozen=True)
class Card:
    """A way to begin."""

    key: str
    title: str
    text: str


def audience_rows(
    rows: Sequence[AudienceRow], *, on_pick: Callable[[str], None], what: str = "Audience"
) -> None:
    """A table; what is pressed comes as `open <id>`, `copy <id>` or `archive <id>`."""
    head = "".join(_head(label) for label in (what, *HEAD))
    body = "".join(_row(row) for row in rows)
    pick(
        f'<div class="mb-table mb-audiences" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>",
        key="audience_rows",
        on_pick=on_pick,
    )


def begin_cards(cards: Sequence[Card], *, on_pick: Callable[[str], None]) -> None:
    """Cards side by side; what is pressed comes as `begin <key>`."""
    inner = "".join(
        pressable(
            f'<span class="mb-unseen">Begin with: </span><b>{escape(card.title)}</b>'
            f" <small>{escape(card.text)}</small>",
            f"{BEGIN} {card.key}",
            classes="mb-template",
        )
        for card in cards
    )
    pick(f'<div class="mb-templates">{inner}</div>', key="audience_cards", on_pick=on_pick)


def _head(label: str) -> str:
    numeric = ' class="mb-number"' if label in NUMBERS else ""
    seen = f'<span class="mb-unseen">{label}</span>' if label == HEAD[-1] else escape(label)
    return f'<th scope="col"{numeric}>{seen}</th>'


def _row(row: AudienceRow) -> str:
    trouble = " mb-trouble" if row.is_trouble else ""
    mark = f"{icon('warning')} " if row.is_trouble else ""
    name = pressable(
        f"<b>{escape(row.name)}</b>", f"{OPEN} {row.audience_id}", f"Open {row.name}",
        classes="mb-name",
    )  # fmt: skip
    copy, archive = (
        pressable(label, f"{verb} {row.audience_id}", f"{label} {row.name}", classes="mb-verb")
        for verb, label in ((COPY, "Duplicate"), (ARCHIVE, "Archive"))
    )
    return (
        f"<tr><td>{name}<small>{escape(row.below)}</small></td>"
        f'<td class="mb-number">{escape(row.people)}</td>'
        f'<td class="mb-number">{escape(row.reachable)}</td>'
        f"<td>{sparkline(row.trend, 'people', _said)}</td>"
        f"<td>{escape(row.goes_to or formats.NOTHING)}</td>"
        f'<td><span class="mb-state{trouble}">{mark}{escape(row.state)}</span></td>'
        f'<td class="mb-verbs">{copy}{archive}</td></tr>'
    )


def _said(people: int, noun: str) -> str:
    return f"{formats.group(people or None)} {noun}"
