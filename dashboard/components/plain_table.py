"""A table of words that nobody needs as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from dashboard.components.markup import escape

_NUMBER = re.compile(r"<?[\d,.]+( %)?")


def plain_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows as they are, columns of numbers flush right; an empty header draws none."""
    numbers = {
        place for place in range(len(header))
        if rows and all(_NUMBER.fullmatch(row[place]) for row in rows)
    }  # fmt: skip
    head = "".join(
        f'<th scope="col"{_kind(place in numbers)}>{escape(label)}</th>'
        for place, label in enumerate(header)
    )
    body = "".join(
        f"<tr>{''.join(_cell(cell, place in numbers) for place, cell in enumerate(row))}</tr>"
        for row in rows
    )
    top = f"<thead><tr>{head}</tr></thead>" if any(header) else ""
    st.html(f'<div class="mb-table" tabindex="0"><table>{top}<tbody>{body}</tbody></table></div>')


def _cell(text: str, is_number: bool) -> str:
    return f"<td{_kind(is_number)}>{escape(text)}</td>"


def _kind(is_number: bool) -> str:
    return ' class="mb-number"' if is_number else ""
