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

from ingest.pixel_logs.formats import FIELDS
from ingest.pixel_logs.lines import TOO_LONG
from ingest.pixel_logs.masking import READ_CHARACTERS
from ingest.pixel_logs.parameters import FIELDS_SCHEMA, parameters
from ingest.pixel_logs.shapes import Lines, Shaped
from ingest.pixel_logs.views import Bytes, Flags, Places, strings, strings_of, word, words

_MINUTE, _ZONE = 17, 20
"""Bytes from a time's first to the end of its minute; to its zone."""
_FEW = 4
"""Where ours are less than one in so many, they are copied so that the others can go."""
_BLANK, _DASH = b" -"


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
    lines = Lines(batch)
    shaped = lines.shaped()
    asked = shaped.where(shaped.ask_us())
    asked = asked.where(_end_as_requests(lines.data, asked))
    calls, uris = _with_uris(lines, asked)
    fields = _fields(batch["line_number"].to_numpy()[calls.rows], lines, calls, uris)
    is_odd = np.ones(batch.num_rows, dtype=np.bool_)
    is_odd[calls.rows] = False
    is_foreign = is_odd[shaped.rows]
    if is_foreign.any():
        is_foreign &= ~lines.mention_us()[shaped.rows]
    foreign = shaped.where(is_foreign)
    is_odd[foreign.rows] = False
    odd = _shortened(batch.filter(pa.array(is_odd)))
    is_few = len(calls.rows) * _FEW < batch.num_rows
    kept = [batch.take(pa.array(calls.rows)), odd] if is_few else [batch]
    return Shares(odd, kept, [fields], _minutes(lines.data, foreign))


def _shortened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch without most of what nobody reads of too long lines."""
    is_long = pc.equal(batch["flaw"], TOO_LONG)
    if not pc.any(is_long).as_py():
        return batch
    # One more than is read, so that a reader sees that there was more.
    heads = pc.utf8_slice_codeunits(batch["line"], 0, READ_CHARACTERS + 1)
    lines = pc.if_else(is_long, heads, batch["line"])
    return pa.record_batch([*batch.columns[:-1], lines], schema=batch.schema)


def _end_as_requests(data: Bytes, lines: Shaped) -> Flags:
    stops = lines.quotes[:, 1]
    protocol = words(data, 8)[stops - 9]
    good: Flags = (protocol == word(b" HTTP/1.")) | (protocol == word(b" HTTP/2."))
    good &= data[stops - 1] != _BLANK
    return good


def _minutes(data: Bytes, lines: Shaped) -> Counter[str]:
    """How many of the lines there are in each minute; neighbours mostly share theirs."""
    found: Counter[str] = Counter()
    if len(lines.rows) == 0:
        return found
    minutes = lines.minutes()
    heads = np.flatnonzero((minutes[1:] != minutes[:-1]).any(axis=1)) + 1
    heads = np.concatenate(([0], heads))
    counts = np.diff(heads, append=len(lines.rows)).tolist()
    for start, many in zip(lines.times[heads].tolist(), counts, strict=True):
        minute, zone = data[start : start + _MINUTE], data[start + _ZONE : start + _ZONE + 6]
        found[(minute.tobytes() + b":00" + zone.tobytes()).decode()] += many
    return found


def _with_uris(lines: Lines, asked: Shaped) -> tuple[Shaped, pa.Array]:
    """Those of the requests whose URL and address hold no blank, and their URLs."""
    uris = strings(lines.data, asked.quotes[:, 0] + 5, asked.quotes[:, 1] - 9)
    broken = pc.or_(
        pc.match_substring(uris, " "), pc.match_substring(_addresses(lines, asked), " ")
    )
    if not pc.any(broken).as_py():
        return asked, uris
    good = pc.invert(broken)
    return asked.where(good.to_numpy(zero_copy_only=False)), uris.filter(good)


def _addresses(lines: Lines, calls: Shaped) -> pa.Array:
    return strings(lines.data, lines.begins[calls.rows], calls.times - 6)


def _fields(numbers: Places, lines: Lines, calls: Shaped, uris: pa.Array) -> pa.RecordBatch:
    """Our calls: FIELDS_SCHEMA."""
    data, count = lines.data, len(numbers)
    q = [calls.quotes[:, number] for number in range(8)]
    cookies = np.flatnonzero(lines.counts[calls.rows] == 8)
    none = pa.nulls(count, pa.string())
    columns: dict[str, Any] = {
        "line_number": pa.array(numbers),
        "is_log_line": pa.array(np.ones(count, dtype=np.bool_)),
        "at_text": strings(data, calls.times, q[0] - 2),
        "method": pa.repeat("GET", count),
        "uri": uris,
        "status_text": strings(data, q[1] + 2, q[1] + 5),
        "referrer": _unless_dash(data, q[2] + 1, q[3]),
        "user_agent": _unless_dash(data, q[4] + 1, q[5]),
        "ip": _addresses(lines, calls),
        "cookie_text": strings_of(data, cookies, q[6][cookies] + 1, q[7][cookies], count=count),
    }
    fields = [columns.get(name, none) for name in FIELDS]
    return pa.record_batch([*fields, *parameters(uris)], schema=FIELDS_SCHEMA)


def _unless_dash(data: Bytes, starts: Places, stops: Places) -> pa.Array:
    rows = np.flatnonzero((stops - starts != 1) | (data[starts] != _DASH))
    return strings_of(data, rows, starts[rows], stops[rows], count=len(starts))
