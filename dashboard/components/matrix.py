"""A matrix of names against themselves, two lines of text in each cell."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.markup import escape


def matrix(names: Sequence[str], cells: Sequence[Sequence[tuple[str, str]]]) -> None:
    """Rows and columns in the same order; the diagonal stays empty."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{_cells(place, row)}</tr>'
        for place, (name, row) in enumerate(zip(names, cells, strict=True))
    )
    st.html(
        f'<div class="mb-grid mb-matrix"><table><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(place: int, row: Sequence[tuple[str, str]]) -> str:
    return "".join(
        '<td class="mb-self"></td>'
        if column == place
        else f"<td><b>{escape(count)}</b><small>{escape(share)}</small></td>"
        for column, (count, share) in enumerate(row)
    )
