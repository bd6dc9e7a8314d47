"""The tab *Definitions*: what each number means, in the words that the tables carry."""

from __future__ import annotations

import streamlit as st

from dashboard.components.markup import heading, note
from dashboard.components.table import Column, table, text
from dashboard.queries import definitions as kept
from dashboard.queries.reading import View

MOST = 200


def definitions(view: View) -> None:
    """All of them, or those that hold a word."""
    heading("Definitions", "One meaning for screen, files and SQL: the same words explain a number "
            "wherever its name is underlined with dots.")  # fmt: skip
    with st.columns([3, 4])[0]:
        asked = st.text_input(
            "Search", key="definition", bind="query-params", placeholder="match rate", max_chars=80
        )
    found = kept.definitions(view, asked)
    if found.empty:
        note("No name or meaning holds that.")
        return
    columns = (
        Column("Name", lambda row: _words(row["column_name"] or row["table_name"])),
        text("Table", "table_name"),
        text("Column", "column_name"),
        text("What it means", "description"),
    )
    table(view, found, columns, file_name="definitions", is_tall=True, most=MOST)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
