"""Tooltips: the marts' own column descriptions, so that screen, docs and SQL say the same."""

from __future__ import annotations

from dashboard.queries.reading import View, rows

DESCRIPTIONS = "select table_name, column_name, description from column_descriptions"


def describe(view: View, column: str) -> str:
    """The description of `table.column`; empty when the snapshot has none."""
    found = rows(view, DESCRIPTIONS)
    table_name, column_name = column.split(".")
    match = found[(found["table_name"] == table_name) & (found["column_name"] == column_name)]
    return "" if match.empty else str(match["description"].iloc[0] or "").strip()
