"""What the tab *Match lookup* says in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from dashboard import formats
from dashboard.wording import identifier_type

CLEARLY = 12
"""Rows of a table that are seen at a glance."""

_MOST_DAYS = 4
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HOW = {
    "click": "clicked an e-mail",
    "read": "read an e-mail online",
    "identify": "signed in",
    "bake": "logged in with a publisher",
}
_SURE = ((0.98, "Nearly certain"), (0.85, "Very likely"), (0.6, "Likely"), (0.0, "Unsure"))


def sentence(browser: Any, evidence: pd.DataFrame) -> str:
    """`Very likely: clicked an e-mail on 3, 9 and 17 Nov; nobody else did.`"""
    told = []
    for kind in _HOW:
        days = evidence.loc[evidence["evidence_type"] == kind, "hit_date"]
        if not days.empty:
            told.append(f"{_HOW[kind]} {on_days(sorted({pd.Timestamp(d).date() for d in days}))}")
    others = int(browser.records_on_browser) - 1
    rest = f"{formats.plural(others, 'other record')} did too" if others else "nobody else did"
    return f"{surely(browser.confidence)}: {_and(told)}; {rest}."


def surely(confidence: float) -> str:
    """A probability as a word."""
    return next(word for least, word in _SURE if confidence >= least)


def how_surely(row: pd.Series) -> str:
    """`Very likely (0.93)`, and why it is not delivered where it is not."""
    told = f"{surely(row['confidence'])} ({formats.decimals(row['confidence'])})"
    if row["sure_cookies"]:
        return told
    return f"{told}: " + ("shared by too many" if row["hot_cookies"] else "too unsure to deliver")


def reason(told: str) -> str:
    """The mart's sentence with days as they are written on screen."""
    return _ISO_DAY.sub(lambda day: formats.day(date.fromisoformat(day[0])), told)


def log_lines(row: pd.Series) -> str:
    """Where a day's calls stand: the first one, and the last one where there are several."""
    first, last = (
        f"{_short(row[f'{which}_file_name'])}, line {formats.count(row[f'{which}_line_number'])}"
        for which in ("first", "last")
    )
    return first if first == last else f"{first} … {last}"


def _short(file_name: str) -> str:
    """Without the folders that every file of the inbox lies in."""
    return file_name.removeprefix("pixels/").removeprefix("host=")


def rival_words(row: pd.Series) -> str:
    """How sure the other record is."""
    counted = "" if row["is_confident"] else ", no match"
    return f"{surely(row['confidence'])} ({formats.decimals(row['confidence'])}){counted}"


def seen_how(kinds: str) -> str:
    """`Clicked an e-mail, signed in` for `click, identify`."""
    told = ", ".join(_HOW.get(kind, kind) for kind in kinds.split(", "))
    return told[:1].upper() + told[1:]


def recognised_how(row: pd.Series) -> str:
    """`Signed in (E-mail)`."""
    return f"{seen_how(row['evidence_type'])} ({identifier_type(row['identifier_type'])})"


def on_days(days: Sequence[date]) -> str:
    """`on 3, 9 and 17 Nov`, or `on 12 days from 3 Sep to 17 Nov`."""
    if len(days) > _MOST_DAYS:
        first, last = formats.short_day(days[0]), formats.short_day(days[-1])
        return f"on {len(days)} days from {first} to {last}"
    told = [
        str(day.day) if later and (later.year, later.month) == (day.year, day.month)
        else formats.short_day(day)
        for day, later in zip(days, [*days[1:], None], strict=True)
    ]  # fmt: skip
    return f"on {_and(told)}"


def _and(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
