"""SQL that makes a quarantined line safe to keep: at most 200 bytes, nobody to be found in it."""

from __future__ import annotations

from matchbook.sql import text

EXCERPT_BYTES = 200
READ_CHARACTERS = 4096
"""No more of a line is looked at."""

_MASKS = (
    (r"[^\s\"=&?/<>;,:]+(?:@|%40|%2540)[^\s\"&?/<>;,]+", "<email>"),
    (r"[0-9a-fA-F]{32,}", "<hex>"),
    (r"[A-Za-z0-9+_-]{40,}={0,2}", "<long>"),
    (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", "<ip>"),
    (r"^[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}", "<ip>"),
    (r"\+?\d{7,}", "<digits>"),
)


def masked(line: str) -> str:
    """SQL for a line without what could identify a person."""
    # Cut at a blank: half an address would not be seen as one.
    expression = (
        f"case when strlen({line}) <= {READ_CHARACTERS} then rtrim({line}, E'\\r\\n') "
        f"else regexp_replace(left({line}, {READ_CHARACTERS}), '\\S*$', '') end"
    )
    for pattern, mark in _MASKS:
        expression = f"regexp_replace({expression}, {text(pattern)}, {text(mark)}, 'g')"
    return expression


def excerpt(column: str) -> str:
    """SQL for the first EXCERPT_BYTES of a masked line."""
    # Four bytes are the longest character, so a quarter as many characters always fits.
    return (
        f"case when strlen(left({column}, {EXCERPT_BYTES})) <= {EXCERPT_BYTES} "
        f"then left({column}, {EXCERPT_BYTES}) else left({column}, {EXCERPT_BYTES // 4}) end"
    )
