"""Takes the common shape of a combined line apart by the places of its quotes, for many at once.

What is taken here would be taken by `formats` too; a line of any other shape, good or bad,
is left to that. Foreign lines are only counted: no text is made of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.formats import FIELDS, OURS
from ingest.pixel_logs.lines import SOUND
from ingest.pixel_logs.parameters import FIELDS_SCHEMA, parameters
from ingest.pixel_logs.views import (
    Bytes,
    Flags,
    Places,
    padded,
    strings,
    strings_of,
    word,
    words,
)

_AT, _MINUTE, _ZONE = 28, 17, 20
"""Bytes from a time's first to the quote after it; of its minute; before its zone."""
_FEW = 4
"""Where ours are less than one in so many, they are copied so that the others can go."""
_RARE = OURS.index("k")
_QUOTE, _BACKSLASH, _BLANK, _DASH = b'"\\ -'


@dataclass(frozen=True)
class Shares:
    """A batch's lines by the work they need."""

    odd: pa.RecordBatch
    """Lines for SQL to look at."""
    lines: list[pa.RecordBatch]
    """All lines but those of others."""
    fields: list[pa.RecordBatch] = field(default_factory=list)
    """Our calls, taken apart: FIELDS_SCHEMA."""
    foreign: Counter[str] = field(default_factory=Counter)
    """How many lines of others there are in each minute, as that is written."""


def shared_out(batch: pa.RecordBatch) -> Shares:
    """Sort a batch of the splitter by what is to be done with each line."""
    lines = _Lines(batch)
    shaped = lines.shaped()
    asked = shaped[lines.ask_us(shaped)]
    ours, uris = lines.with_uris(asked)
    foreign = shaped[~lines.mention_us()[shaped]]
    is_odd = np.ones(batch.num_rows, dtype=np.bool_)
    is_odd[ours] = is_odd[foreign] = False
    odd, counts = batch.filter(pa.array(is_odd)), lines.minutes(foreign)
    if len(ours) * _FEW < batch.num_rows:
        few = _copied(batch.take(pa.array(ours)))
        fields = _Lines(few).fields(np.arange(len(ours)), uris)
        return Shares(odd, [few, odd], [fields], counts)
    return Shares(odd, [batch], [lines.fields(ours, uris)], counts)


def _copied(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with padded text; the text it was taken from may go."""
    _, offsets, content = batch["line"].buffers()
    text = pa.py_buffer(padded(np.frombuffer(content or b"", np.uint8)))
    lines = pa.Array.from_buffers(pa.string(), batch.num_rows, [None, offsets, text])
    return pa.record_batch([*batch.columns[:-1], lines], schema=batch.schema)


class _Lines:
    """Where the quotes of each line are; rows are places in the batch."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        text = batch["line"]
        _, offsets, content = text.buffers()
        bounds = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
        self.numbers = batch["line_number"].to_numpy()
        self.begins = bounds[:-1].astype(np.int64)
        self.ends = self.begins + batch["byte_length"].to_numpy()
        self.sound = batch["flaw"].to_numpy() == SOUND
        self.data: Bytes = np.frombuffer(content, np.uint8)
        self.content = memoryview(content)
        self.region = slice(int(bounds[0]), int(bounds[-1]))
        self.quotes: Places = np.flatnonzero(self.data[self.region] == _QUOTE) + bounds[0]
        escaped = self.quotes[self.data[self.quotes - 1] == _BACKSLASH]
        self.sound[np.searchsorted(self.ends, escaped)] = False
        after = np.searchsorted(self.quotes, bounds)
        self.first, self.count = after[:-1], np.diff(after)

    def quote(self, rows: Places, number: int) -> Places:
        """The place of a line's quote, the first of which is number 0."""
        places: Places = self.quotes[self.first[rows] + number]
        return places

    def shaped(self) -> Places:
        """The lines with a time and six or eight quotes where a combined line has them."""
        rows: Places = np.flatnonzero(self.sound & ((self.count == 6) | (self.count == 8)))
        q = [self.quote(rows, number) for number in range(6)]
        last = self.quote(rows, 5) + 0
        long = self.count[rows] == 8
        last[long] = self.quote(rows[long], 7)
        good: Flags = (last == self.ends[rows] - 1) & (q[0] - self.begins[rows] > _AT + 6)
        good &= (q[2] > q[1] + 6) & (q[4] == q[3] + 2)
        good[long] &= self.quote(rows[long], 6) == q[5][long] + 2
        rows, q, long = rows[good], [places[good] for places in q], long[good]
        good = self._has_time(q[0]) & self._has_status(q[1]) & (self.data[q[4] - 1] == _BLANK)
        good[long] &= self.data[q[5][long] + 1] == _BLANK
        return rows[good]

    def _has_time(self, quotes: Places) -> Flags:
        """` - - [20/Nov/2026:10:05:03 +0000] ` stands before the first quote."""
        starts = quotes - _AT
        good: Flags = words(self.data, 4)[starts - 5] == word(b"- - ")
        good &= (self.data[starts - 6] == _BLANK) & (self.data[starts - 1] == ord("["))
        for place, mark in ((2, "/"), (6, "/"), (11, ":"), (14, ":"), (17, ":"), (20, " ")):
            good &= self.data[starts + place] == ord(mark)
        for place in (0, 8, 16, 18):
            good &= (words(self.data, 8)[starts + place] & 0x8080808080808080) == 0
        good &= words(self.data, 2)[starts + 26] == word(b"] ")
        return good

    def _has_status(self, quotes: Places) -> Flags:
        """Three plain characters between blanks follow the request."""
        found: Flags = (words(self.data, 8)[quotes] & 0xFF808080FFFF) == word(b'" \0\0\0 ')
        return found

    def ask_us(self, rows: Places) -> Flags:
        """The request is a GET for our path, and ends as requests end."""
        starts, stops = self.quote(rows, 0) + 1, self.quote(rows, 1)
        good: Flags = words(self.data, 4)[starts] == word(b"GET ")
        good &= words(self.data, 8)[starts + 4] == word(OURS.encode())
        protocol = words(self.data, 8)[stops - 9]
        good &= self.data[stops - 1] != _BLANK
        good &= (protocol == word(b" HTTP/1.")) | (protocol == word(b" HTTP/2."))
        return good

    def with_uris(self, rows: Places) -> tuple[Places, pa.Array]:
        """Those of the requests whose URL and address hold no blank, and their URLs."""
        quotes = self.quote(rows, 0)
        uris = strings(self.data, quotes + 5, self.quote(rows, 1) - 9)
        addresses = strings(self.data, self.begins[rows], quotes - _AT - 6)
        broken = pc.or_(pc.match_substring(uris, " "), pc.match_substring(addresses, " "))
        if not pc.any(broken).as_py():
            return rows, uris
        good = pc.invert(broken)
        return rows[good.to_numpy(zero_copy_only=False)], uris.filter(good)

    def mention_us(self) -> Flags:
        """Whether our path stands anywhere in a line."""
        found = np.zeros(len(self.begins), dtype=np.bool_)
        # Few bytes of a log are this one.
        places = np.flatnonzero(self.data[self.region] == OURS.encode()[_RARE]) - _RARE
        places = places[places >= 0] + self.region.start
        places = places[words(self.data, 8)[places] == word(OURS.encode())]
        found[np.searchsorted(self.ends, places)] = True
        return found

    def minutes(self, rows: Places) -> Counter[str]:
        """How many of the lines there are in each minute; neighbours mostly share theirs."""
        starts = self.quote(rows, 0) - _AT
        load = words(self.data, 8)
        parts = (load[starts], load[starts + 8], load[starts + _MINUTE - 8], load[starts + 18])
        same = np.ones(max(len(rows) - 1, 0), dtype=np.bool_)
        for part in (*parts[:3], parts[3] >> 16):
            same &= part[1:] == part[:-1]
        heads = np.flatnonzero(np.concatenate(([True] * (len(rows) > 0), ~same)))
        found: Counter[str] = Counter()
        for start, many in zip(
            starts[heads].tolist(), np.diff(heads, append=len(rows)).tolist(), strict=True
        ):
            zone = bytes(self.content[start + _ZONE : start + _ZONE + 6])
            text = bytes(self.content[start : start + _MINUTE]) + b":00" + zone
            found[text.decode()] += many
        return found

    def fields(self, rows: Places, uris: pa.Array) -> pa.RecordBatch:
        """Our calls: FIELDS_SCHEMA."""
        q = [self.quote(rows, number) for number in range(6)]
        with_cookie = np.flatnonzero(self.count[rows] == 8)
        cookies = (self.quote(rows[with_cookie], 6) + 1, self.quote(rows[with_cookie], 7))
        none = pa.nulls(len(rows), pa.string())
        columns: dict[str, Any] = {
            "line_number": pa.array(self.numbers[rows]),
            "is_log_line": pa.array(np.ones(len(rows), dtype=np.bool_)),
            "at_text": strings(self.data, q[0] - _AT, q[0] - 2),
            "method": pa.repeat("GET", len(rows)),
            "uri": uris,
            "status_text": strings(self.data, q[1] + 2, q[1] + 5),
            "referrer": self._unless_dash(q[2] + 1, q[3]),
            "user_agent": self._unless_dash(q[4] + 1, q[5]),
            "ip": strings(self.data, self.begins[rows], q[0] - _AT - 6),
            "cookie_text": strings_of(self.data, with_cookie, *cookies, count=len(rows)),
        }
        fields = [columns.get(name, none) for name in FIELDS]
        return pa.record_batch([*fields, *parameters(uris)], schema=FIELDS_SCHEMA)

    def _unless_dash(self, starts: Places, stops: Places) -> pa.Array:
        rows = np.flatnonzero((stops - starts != 1) | (self.data[starts] != _DASH))
        return strings_of(self.data, rows, starts[rows], stops[rows], count=len(starts))
