"""A table and the CSV of exactly what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import downloads, formats
from dashboard.components.markup import escape, tooltip
from dashboard.components.pick import pick, pressable
from dashboard.icons import icon
from dashboard.queries.reading import View
from dashboard.translate import errors_in_words


@dataclass(frozen=True)
class Column:
    """One column: what it is called, how a value is written, what it means."""

    label: str
    write: Callable[[pd.Series], str]
    is_number: bool = False
    meaning: str = ""


def text(label: str, name: str, write: Callable[[Any], str] = str, *, meaning: str = "") -> Column:
    """A column of words; `write` turns one value into what is shown."""
    return Column(label, lambda row: write(row[name]), meaning=meaning)


def number(
    label: str, name: str, write: Callable[[Any], str] = formats.count, *, meaning: str = ""
) -> Column:
    """A column of numbers, aligned right."""
    return Column(label, lambda row: write(row[name]), is_number=True, meaning=meaning)


def table(
    view: View,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    file_name: str,
    is_tall: bool = False,
    most: int | None = None,
    on_pick: Callable[[str], None] | None = None,
    picks: str = "",
) -> None:
    """Rows as they are in `frame`, and a link to the same cells as CSV.

    Of very many only the first `most` are drawn; the CSV has them all. With `on_pick` the first
    cell of a row can be pressed, which says what the row has in the column `picks`.
    """
    cells = [[column.write(row) for column in columns] for _, row in frame.iterrows()]
    head = "".join(_head(column) for column in columns)
    said = [str(value) for value in frame[picks]] if on_pick else [""] * len(cells)
    drawn = zip(cells[:most], said[:most], strict=True)
    body = "".join(f"<tr>{_cells(columns, row, one)}</tr>" for row, one in drawn)
    tall = " mb-tall" if is_tall else ""
    # What scrolls has to be reached by the keyboard.
    html = (
        f'<div class="mb-table{tall}" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
    if on_pick:
        pick(html, key=f"rows_{file_name}", on_pick=on_pick)
    else:
        st.html(html)
    plain = [_plain(columns, row) for row in cells]
    csv_link(view, file_name, [column.label for column in columns], plain)


@st.fragment(run_every="8m")
def csv_link(view: View, name: str, header: list[str], cells: list[list[str]]) -> None:
    """A link to these cells as CSV."""
    # Signed anew while the page is open, so that the link never grows old under the mouse.
    with errors_in_words():
        link = downloads.offer_csv(view.settings, view.client.client_id, name, header, cells)
        st.html(
            f'<a class="mb-download" href="{escape(link)}" download>{icon("download")} '
            f"Download CSV ({formats.count(len(cells))} rows)</a>"
        )


def _plain(columns: Sequence[Column], row: Sequence[str]) -> list[str]:
    """As shown, only that a spreadsheet takes 18,420 for text where it is 18420."""
    return [
        cell.replace(",", "") if column.is_number else cell
        for column, cell in zip(columns, row, strict=True)
    ]


def _head(column: Column) -> str:
    numeric = ' class="mb-number"' if column.is_number else ""
    return f'<th scope="col"{numeric}>{tooltip(column.label, column.meaning)}</th>'


def _cells(columns: Sequence[Column], row: Sequence[str], said: str) -> str:
    first = pressable(escape(row[0]), said) if said else escape(row[0])
    return "".join(
        f'<td class="mb-number">{cell}</td>' if column.is_number else f"<td>{cell}</td>"
        for column, cell in zip(columns, (first, *map(escape, row[1:])), strict=True)
    )
