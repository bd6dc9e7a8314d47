"""Our own HTML, escaped in one place, and the stylesheet that goes with it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard import theme
from dashboard.icons import icon, icon_css

STYLESHEET = Path(__file__).resolve().parent.parent / "style.css"


def style() -> None:
    """The stylesheet and the colours of the theme in use; once per run."""
    variables = theme.css_variables(theme.current())
    st.html(f"<style>:root {{ {variables} }}\n{icon_css()}\n{STYLESHEET.read_text()}</style>")


def escape(text: object) -> str:
    """Text that came from anywhere, as HTML."""
    return html.escape(str(text), quote=True)


def tooltip(text: str, meaning: str) -> str:
    """A term with its meaning on hover; just the term when there is none."""
    if not meaning:
        return escape(text)
    return f'<abbr class="mb-term" title="{escape(meaning)}">{escape(text)}</abbr>'


def heading(text: str, note: str = "") -> None:
    """A section's heading with a short line below it."""
    below = f'<p class="mb-note">{escape(note)}</p>' if note else ""
    st.html(f'<div class="mb-section"><h2>{escape(text)}</h2>{below}</div>')


def numbered(number: int | str, text: str, note: str = "") -> None:
    """A step of several, with its number."""
    mark = f'<span class="mb-mark">{escape(number)}</span> ' if number else ""
    below = f'<p class="mb-note">{escape(note)}</p>' if note else ""
    st.html(f'<div class="mb-section mb-numbered"><h2>{mark}{escape(text)}</h2>{below}</div>')


def anchor(name: str) -> None:
    """A place on the page that something above can scroll to."""
    st.html(f'<div class="mb-anchor" id="{escape(name)}"></div>')


def note(text: str) -> None:
    """One grey line."""
    st.html(f'<p class="mb-note">{escape(text)}</p>')


def ends(left: str, right: str) -> None:
    """What the two ends of the slider above mean."""
    st.html(f'<div class="mb-ends"><span>{escape(left)}</span><span>{escape(right)}</span></div>')


def prose(text: str) -> None:
    """A paragraph to be read."""
    st.html(f'<p class="mb-prose">{escape(text)}</p>')


def named_lines(lines: Sequence[tuple[str, str]]) -> None:
    """A name and what is to be said of it, one line each."""
    items = "".join(f"<div><b>{escape(name)}</b>{escape(text)}</div>" for name, text in lines)
    st.html(f'<div class="mb-lines">{items}</div>')


def quiet_line(text: str, icon_name: str) -> None:
    """One grey line with an icon: something goes on, nobody needs to act."""
    st.html(f'<p class="mb-quiet">{icon(icon_name)} {escape(text)}</p>')
