"""What a lookalike is worth: its label, one sentence, two sizes, and why these people."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.markup import escape


def study_card(
    *, label: str, sentence: str, people: str, reachable: str, reasons: Sequence[str]
) -> None:
    """Everything written out; `reasons` are of groups, the strongest first."""
    items = "".join(f"<li>{escape(reason)}</li>" for reason in reasons)
    why = f'<h3 class="mb-small">People on the list</h3><ul>{items}</ul>' if items else ""
    st.html(
        f'<section class="mb-study"><span class="mb-label">{escape(label)}</span>'
        f"<p>{escape(sentence)}</p></section>"
        f'<section class="mb-size"><div><b>{escape(people)}</b><span>people</span></div>'
        f"<div><b>{escape(reachable)}</b><span>can receive your e-mail in CEP</span></div>"
        f'</section><section class="mb-why">{why}</section>'
    )
