"""Lookalikes: people most like those of an audience, with an honest measure of how like.

`matchbook.lookalikes.studying` learns, which costs a second to import; what is here only reads.
"""

from __future__ import annotations

from matchbook.lookalikes.definition import lookalike
from matchbook.lookalikes.kept import all_of, read
from matchbook.lookalikes.study import Size, Study, at, drift, in_words
from matchbook.lookalikes.wishes import ask, asked

__all__ = [
    "Size",
    "Study",
    "all_of",
    "ask",
    "asked",
    "at",
    "drift",
    "in_words",
    "lookalike",
    "read",
]
