"""A matrix of names against themselves: two lines of text in a cell, as dark as its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import formats
from dashboard.components.markup import escape


@dataclass(frozen=True)
class Cell:
    """What one cell says; `share` is from 0 to 1."""

    count: str = ""
    below: str = ""
    share: float = 0


def matrix(names: Sequence[str], cells: Sequence[Sequence[Cell]]) -> None:
    """Rows and columns in the same order; the diagonal stays empty."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{_cells(place, row)}</tr>'
        for place, (name, row) in enumerate(zip(names, cells, strict=True))
    )
    st.html(
        '<div class="mb-grid mb-matrix" tabindex="0"><table><thead><tr><td></td>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(place: int, row: Sequence[Cell]) -> str:
    return "".join(
        '<td class="mb-self"></td>'
        if column == place
        else f'<td style="--share:{formats.css(cell.share)}"><b>{escape(cell.count)}</b>'
        f"<small>{escape(cell.below)}</small></td>"
        for column, cell in enumerate(row)
    )
