"""Finds the lines that have the common shape of a combined line, by the places of their quotes.

A line of any other shape, good or bad, is left to SQL: what is found here, that finds too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.pixel_logs.formats import OURS
from ingest.pixel_logs.lines import SOUND
from ingest.pixel_logs.views import Bytes, Flags, Places, picked, word, words

AT = 28
"""Bytes from a time's first to the quote after it."""
_BEFORE_AT = 6
_HEAD_WORDS = 6
_MOST_QUOTES = 8
_RARE = OURS.index("y")
_QUOTE, _BACKSLASH, _BLANK = b'"\\ '
_STATUS = 0xFF808080FFFF
"""The bits of a word that tell whether three plain characters stand between blanks."""


class _Pattern:
    """What heads are compared with: `.` is any plain character, `*` any byte."""

    def __init__(self, text: str) -> None:
        whole = text.ljust(_HEAD_WORDS * 8, "*")
        masks = bytes({"*": 0, ".": 0x80}.get(mark, 0xFF) for mark in whole)
        marks = bytes(0 if mark in "*." else ord(mark) for mark in whole)
        parts = zip(np.frombuffer(masks, "<u8"), np.frombuffer(marks, "<u8"), strict=True)
        self._parts = [(n, *part) for n, part in enumerate(parts) if part[0]]

    def fits(self, heads: npt.NDArray[np.uint64]) -> Flags:
        """Which of the heads look so."""
        good = np.ones(len(heads), dtype=np.bool_)
        for number, mask, marks in self._parts:
            good &= (heads[:, number] & mask) == marks
        return good


_TIME = _Pattern(" - - [../.../....:..:..:.. .....] ")
_ASKS_US = _Pattern("*" * (_BEFORE_AT + AT) + f'"GET {OURS}')


@dataclass(frozen=True)
class Shaped:
    """Lines that have the shape, a row for each."""

    rows: Places
    """Their places in the batch."""
    quotes: Places
    """Where their six or eight quotes are; what is beyond six is theirs only where they have it."""
    heads: npt.NDArray[np.uint64]
    """The words from ` - - [20/Nov/2026:10:05:03 +0000] "GET /bakery/` on."""

    def where(self, wanted: Flags) -> Shaped:
        """Some of the lines."""
        if wanted.all():
            return self
        return Shaped(self.rows[wanted], self.quotes[wanted], self.heads[wanted])

    @property
    def times(self) -> Places:
        """Where their times begin."""
        starts: Places = self.quotes[:, 0] - AT
        return starts

    def ask_us(self) -> Flags:
        """Which requests are a GET for our path."""
        return _ASKS_US.fits(self.heads)

    def minutes(self) -> npt.NDArray[np.uint64]:
        """Words that differ where the minutes or the zones of times do."""
        found = self.heads[:, :4].copy()
        found[:, 0] >>= 48
        found[:, 3] >>= 16
        return found


class Lines:
    """A batch's text and where its quotes are."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        text = batch["line"]
        _, offsets, content = text.buffers()
        bounds = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
        self.begins = bounds[:-1].astype(np.int64)
        self.ends = self.begins + batch["byte_length"].to_numpy()
        self.data: Bytes = np.frombuffer(content, np.uint8)
        self._region = slice(int(bounds[0]), int(bounds[-1]))
        self._sound = batch["flaw"].to_numpy() == SOUND
        quotes = self._places(_QUOTE)
        escaped = quotes[self.data[quotes - 1] == _BACKSLASH]
        self._sound[np.searchsorted(self.ends, escaped)] = False
        after = np.searchsorted(quotes, bounds)
        self._first, self.counts = after[:-1], np.diff(after)
        # So that as many as a line may have can be picked at the last line, too.
        self._quotes: Places = np.append(quotes, np.zeros(_MOST_QUOTES, dtype=np.int64))

    def shaped(self) -> Shaped:
        """The lines with a time and six or eight quotes where a combined line has them."""
        rows: Places = np.flatnonzero(self._sound & ((self.counts == 6) | (self.counts == 8)))
        q = picked(self._quotes, self._first[rows], _MOST_QUOTES).view(np.int64)
        long = self.counts[rows] == 8
        good: Flags = np.where(long, q[:, 7], q[:, 5]) == self.ends[rows] - 1
        good &= q[:, 0] - self.begins[rows] > AT + _BEFORE_AT
        good &= (q[:, 2] > q[:, 1] + 6) & (q[:, 4] == q[:, 3] + 2)
        good &= ~long | (q[:, 6] == q[:, 5] + 2)
        if not good.all():
            rows, q, long = rows[good], q[good], long[good]
        heads = picked(self.data, q[:, 0] - (AT + _BEFORE_AT), _HEAD_WORDS)
        good = _TIME.fits(heads) & (self.data[q[:, 4] - 1] == _BLANK)
        good &= (words(self.data, 8)[q[:, 1]] & _STATUS) == word(b'" \0\0\0 ')
        good &= ~long | (self.data[q[:, 5] + 1] == _BLANK)
        return Shaped(rows, q, heads).where(good)

    def mention_us(self) -> Flags:
        """Whether our path stands anywhere in a line."""
        found = np.zeros(len(self.begins), dtype=np.bool_)
        # Few bytes of a log are this one.
        places = self._places(ord(OURS[_RARE])) - _RARE
        places = places[places >= 0]
        places = places[words(self.data, 8)[places] == word(OURS.encode())]
        found[np.searchsorted(self.ends, places)] = True
        return found

    def _places(self, byte: int) -> Places:
        places: Places = np.flatnonzero(self.data[self._region] == byte) + self._region.start
        return places
