"""The size of an audience while it is built: two numbers, the funnel, each destination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import formats
from dashboard.components.markup import escape, tooltip

TAKES = "Each destination can take"
OWN_IDS = (
    "Counted in its own ids: contacts in CEP, cookies at a partner. One person may have several."
)


@dataclass(frozen=True)
class SizeStep:
    """People left after a part of the conditions."""

    name: str
    people: str
    share: float
    """Of everybody, 0–1."""


def size_card(people: str, reachable: str, sentence: str) -> None:
    """People, and those who can receive an e-mail."""
    st.html(
        f'<section class="mb-size"><div><b>{escape(people)}</b><span>people</span></div>'
        f"<div><b>{escape(reachable)}</b><span>reachable in CEP</span></div>"
        f"<p>{escape(sentence)}</p></section>"
    )


def size_funnel(steps: Sequence[SizeStep], title: str = "Left after each group") -> None:
    """One bar per step, from everybody to the audience."""
    bars = "".join(
        f'<div><span>{escape(step.name)}</span><b>{escape(step.people)}</b><div class="mb-track">'
        f'<div class="mb-bar" style="width:{formats.css(step.share)}"></div></div></div>'
        for step in steps
    )
    st.html(f'<h3 class="mb-small">{escape(title)}</h3><div class="mb-size-funnel">{bars}</div>')


def destinations(reach: Sequence[tuple[str, str, str, Sequence[str]]]) -> None:
    """Name, ids and what they are of each destination; the reasons for the rest unfold."""
    lines = "".join(
        f"<details><summary><span>{escape(name)}</span><b>{escape(ids)} "
        f"<small>{escape(unit)}</small></b></summary>"
        f"<ul>{''.join(f'<li>{escape(reason)}</li>' for reason in reasons)}</ul></details>"
        for name, ids, unit, reasons in reach
    )
    st.html(
        f'<div class="mb-destinations"><h3 class="mb-small">{tooltip(TAKES, OWN_IDS)}</h3>'
        f"{lines}</div>"
    )
