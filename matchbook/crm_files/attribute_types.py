"""The type of an attribute, inferred from all its values."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow.compute as pc

TYPES = ("number", "date", "boolean", "text")

TRUE_WORDS = ("true", "yes", "ja")
FALSE_WORDS = ("false", "no", "nee")

_NUMBER = r"^[+-]?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?$"
"""No zeros in front: those are codes, and what they say would be lost."""

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class AttributeTypes:
    """What the values seen so far may be, by attribute name."""

    def __init__(self) -> None:
        self._possible: dict[str, set[str]] = {}

    def see(self, name: str, values: Any) -> None:
        """Take note of more values of an attribute."""
        if len(values) == 0:
            return
        possible = self._possible.setdefault(name, set(TYPES))
        for kind in TYPES[:-1]:
            if kind in possible and not _all_are(kind, values):
                possible.discard(kind)

    def of(self, name: str) -> str:
        """The narrowest type that fits; text where nothing was seen."""
        possible = self._possible.get(name, {"text"})
        return next(kind for kind in TYPES if kind in possible)


def _all_are(kind: str, values: Any) -> bool:
    if kind == "number":
        return bool(pc.all(pc.match_substring_regex(values, _NUMBER)).as_py())
    different = values.unique()
    if kind == "boolean":
        words = {text.lower() for text in different[:10].to_pylist()}
        return len(different) <= 10 and words <= {*TRUE_WORDS, *FALSE_WORDS}
    shaped = pc.all(pc.match_substring_regex(different, _DATE)).as_py()
    return bool(shaped) and all(_is_date(text) for text in different.to_pylist())


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
