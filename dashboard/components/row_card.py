"""One thing of several: what it is called, what is known of it, how it stands."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components.markup import escape
from dashboard.icons import icon


@dataclass(frozen=True)
class RowCard:
    """What the card says."""

    title: str
    below: str
    state: str
    is_trouble: bool = False
    remark: str = ""


def row_card(card: RowCard) -> None:
    """Title and its line on the left, the state beside it."""
    trouble = " mb-trouble" if card.is_trouble else ""
    mark = f"{icon('warning')} " if card.is_trouble else ""
    remark = f'<p class="mb-remark">{escape(card.remark)}</p>' if card.remark else ""
    st.html(
        f'<article class="mb-row"><div><h3>{escape(card.title)}</h3>'
        f"<small>{escape(card.below)}</small></div>"
        f'<div class="mb-state{trouble}">{mark}{escape(card.state)}</div>{remark}</article>'
    )
