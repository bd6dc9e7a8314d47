"""One site with its pixel: where it stands, when it last called, what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dashboard.components.markup import escape
from dashboard.components.sparkline import sparkline
from dashboard.icons import icon


@dataclass(frozen=True)
class PixelCard:
    """What the card says."""

    site: str
    hosts: Sequence[str]
    state: str
    """`Last call 20 Nov, 23:58`, or what is wrong."""
    is_trouble: bool
    days: Sequence[tuple[date, int]]
    integrations: Sequence[str]
    remark: str = ""


def pixel_card(card: PixelCard) -> None:
    """Name and address, last call, calls per day, integrations."""
    trouble = " mb-trouble" if card.is_trouble else ""
    mark = f"{icon('warning')} " if card.is_trouble else ""
    spark = sparkline(card.days, "call") if card.days else '<div class="mb-spark"></div>'
    names = "".join(f'<span class="mb-chip">{escape(name)}</span>' for name in card.integrations)
    chips = f'<div class="mb-chips">{names}</div>' if names else ""
    remark = f'<p class="mb-remark">{escape(card.remark)}</p>' if card.remark else ""
    st.html(
        f'<article class="mb-pixel"><div><h3>{escape(card.site)}</h3>'
        f"<small>{escape(' · '.join(card.hosts))}</small></div>"
        f'<div class="mb-state{trouble}">{mark}{escape(card.state)}</div>{spark}'
        f"{chips}{remark}</article>"
    )
