"""Text that no spreadsheet takes for a formula. Ids are never passed through here."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def unformulated(text: str) -> str:
    """The text, with an apostrophe in front where it could start a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
