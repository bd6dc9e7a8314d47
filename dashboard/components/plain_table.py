"""A table of words that nobody needs as a file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.markup import escape


def plain_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows as they are; an empty header draws none."""
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in header)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    top = f"<thead><tr>{head}</tr></thead>" if any(header) else ""
    st.html(f'<div class="mb-table"><table>{top}<tbody>{body}</tbody></table></div>')
