"""One condition as one sentence, and the word that joins it to the next."""

from __future__ import annotations

import streamlit as st

from dashboard.components.markup import escape


def condition_line(sentence: str, people: str, *, is_unfinished: bool) -> None:
    """The sentence, with the people of whom it is true by itself."""
    state = " mb-unfinished" if is_unfinished else ""
    count = f"<small>{escape(people)}</small>" if people else ""
    st.html(f'<div class="mb-condition{state}"><span>{escape(sentence)}</span>{count}</div>')


def joint(word: str) -> None:
    """`and` between groups, `or` inside one."""
    st.html(f'<div class="mb-joint mb-joint-{escape(word)}">{escape(word)}</div>')
