"""The partners side by side: rate, last sync, last file and state of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.components.markup import escape
from dashboard.components.pick import pick, pressable
from dashboard.icons import icon


@dataclass(frozen=True)
class PartnerCard:
    """What one card says."""

    partner_id: str
    name: str
    state: str
    is_trouble: bool
    is_own: bool
    rate: str
    last_sync: str
    last_file: str
    takes_removals: bool = True
    remark: str = ""


def partner_cards(
    cards: Sequence[PartnerCard], *, key: str, on_pick: Callable[[str], None], goto: str
) -> None:
    """All cards; pressing one says which."""
    inner = "".join(_pressable(card) for card in cards)
    pick(f'<div class="mb-partners">{inner}</div>', key=key, on_pick=on_pick, goto=goto)


def _pressable(card: PartnerCard) -> str:
    classes = "mb-partner" if card.is_own else "mb-partner mb-partner-off"
    return pressable(_card(card), card.partner_id, classes=classes)


def _card(card: PartnerCard) -> str:
    trouble = " mb-trouble" if card.is_trouble else ""
    mark = f"{icon('warning')} " if card.is_trouble else ""
    head = (
        f'<span class="mb-partner-head"><b>{escape(card.name)}</b>'
        f'<span class="mb-partner-state{trouble}">{mark}{escape(card.state)}</span></span>'
    )
    if not card.is_own:
        return f'{head}<span class="mb-partner-add">Set it up</span>'
    unable = "" if card.takes_removals else '<span class="mb-partner-note">No removals</span>'
    remark = f'<span class="mb-partner-remark">{escape(card.remark)}</span>' if card.remark else ""
    return (
        f'{head}<span class="mb-partner-note">Match rate, 30 days</span>'
        f'<span class="mb-partner-rate">{escape(card.rate)}</span>'
        f'<span class="mb-partner-facts"><i>Last sync</i>{escape(card.last_sync)}</span>'
        f'<span class="mb-partner-facts"><i>Last file</i>{escape(card.last_file)}</span>'
        f"{unable}{remark}"
    )
