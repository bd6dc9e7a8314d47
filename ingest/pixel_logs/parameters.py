"""The kind of a call and its parameters, found in many URLs at once; values stay encoded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.formats import FIELDS
from ingest.pixel_logs.views import Bytes, Flags, Places, padded, strings, strings_of, word, words

PATHS = {
    "/bakery/sync/dmpsyncendpoint": "sync",
    "/bakery/click": "click",
    "/bakery/read": "read",
    "/bakery/page": "page_view",
    "/bakery/event": "event",
    "/bakery/identify": "identify",
    "/bakery/bake": "bake",
    "/bakery/optout": "withdraw",
}

IDENTIFIERS = ("email", "phone", "postal")
_PARAMETERS = {
    "sync": ("site", "partner", "cookieid", "parcid", "read"),
    "page_view": ("site", "u", "r"),
    "click": ("client", "contact", "message", "u", "consent", "sig"),
    "read": ("client", "contact", "message", "consent", "sig"),
    "event": ("site", "name", "u"),
    "identify": ("site", *IDENTIFIERS, "u"),
    "bake": ("publisher", *IDENTIFIERS),
    "withdraw": ("site",),
}
"""What each kind of call is read for, beside _CONSENT."""
_CONSENT = ("gdpr", "gdpr_consent")

NAMES = tuple(dict.fromkeys(name for names in _PARAMETERS.values() for name in names)) + _CONSENT
FIELDS_SCHEMA = pa.schema(
    [("line_number", pa.int64()), ("is_log_line", pa.bool_())]
    + [(name, pa.string()) for name in FIELDS[2:]]
    + [("hit_type", pa.string()), ("is_repeated", pa.bool_()), ("sent", pa.int64())]
    + [("has_at_sign", pa.bool_())]
    + [(f"r_{name}", pa.string()) for name in NAMES]
)
"""The fields of lines and the parameters of their URLs."""

_KINDS = tuple(PATHS.values())
_IS_READ = np.array(
    [[name in (*_PARAMETERS[kind], *_CONSENT) for name in NAMES] + [False] for kind in _KINDS]
    + [[False] * (len(NAMES) + 1)]
)
"""Whether a kind, the last being none, is read for a name, the last being none."""
_AMPERSAND, _QUESTION_MARK = b"&?"
_BEFORE_40 = np.frombuffer(b"%5", dtype=np.uint8)


def with_parameters(fields: pa.Table) -> pa.Table:
    """FIELDS_SCHEMA from FIELDS."""
    uris = fields["uri"].cast(pa.string()).combine_chunks()
    columns = [*fields.columns, *parameters(uris)]
    return pa.table(columns, names=FIELDS_SCHEMA.names).cast(FIELDS_SCHEMA)


def parameters(uris: pa.Array) -> list[pa.Array]:
    """The last columns of FIELDS_SCHEMA for URLs that begin with their path.

    `r_<name>` is a parameter's first value as it was sent, null where the kind of call is
    not read for it; `is_repeated` says that one of those came twice, and `sent` has a bit
    for each that came: see `bit`. `has_at_sign` is true where an at sign may stand, be it
    encoded once or twice.
    """
    _, offsets, content = uris.buffers()
    bounds = np.frombuffer(offsets, np.int32)[uris.offset :][: len(uris) + 1].astype(np.int64)
    data = padded(np.frombuffer(content or b"", np.uint8))
    starts, stops, rows, path_stops = _segments(data, bounds)
    kinds = _kinds(strings(data, bounds[:-1], path_stops))
    names = _names(data, starts, stops)
    names[~_IS_READ[kinds[rows], names]] = len(NAMES)
    repeated = np.zeros(len(uris), dtype=np.bool_)
    sent = np.zeros(len(uris), dtype=np.int64)
    columns = []
    in_order = np.argsort(names, kind="stable")
    ends = np.searchsorted(names[in_order], np.arange(len(NAMES) + 1))
    for number, name in enumerate(NAMES):
        found = in_order[ends[number] : ends[number + 1]]
        again = rows[found[1:]] == rows[found[:-1]]
        repeated[rows[found[1:][again]]] = True
        first = np.concatenate((found[:1], found[1:][~again]))
        sent[rows[first]] |= bit(name)
        columns.append(
            strings_of(
                data, rows[first], starts[first] + len(name) + 1, stops[first], count=len(uris)
            )
        )
    hit_types = pa.array([*_KINDS, None], pa.string()).take(pa.array(kinds))
    return [
        hit_types,
        pa.array(repeated),
        pa.array(sent),
        pa.array(_at_signs(data, bounds)),
        *columns,
    ]


def bit(name: str) -> int:
    """The bit of `sent` that says whether a parameter came."""
    return 1 << NAMES.index(name)


def _at_signs(data: Bytes, bounds: Places) -> Flags:
    """Whether @, or %40 or %2540 but for the first of these bytes, stands in each text."""
    text = data[: bounds[-1]]
    plain = np.flatnonzero(text == ord("@"))
    encoded = np.flatnonzero(words(data, 2)[: len(text)] == word(b"40"))
    encoded = encoded[np.isin(data[encoded - 1], _BEFORE_40)]
    found = np.zeros(len(bounds) - 1, dtype=np.bool_)
    places = np.concatenate((plain, encoded))
    places = places[places >= bounds[0]]
    found[np.searchsorted(bounds, places, side="right") - 1] = True
    return found


def _segments(data: Bytes, bounds: Places) -> tuple[Places, Places, Places, Places]:
    """Where each part of a query starts and stops and its row; and where each row's path stops."""
    marks = np.flatnonzero((data == _AMPERSAND) | (data == _QUESTION_MARK))
    rows = np.searchsorted(bounds, marks, side="right") - 1
    asks = data[marks] == _QUESTION_MARK
    path_stops = bounds[1:].copy()
    path_stops[rows[asks][::-1]] = marks[asks][::-1]  # the first of a row is written last
    begin = path_stops[rows]
    within = (marks == begin) | (~asks & (marks > begin))
    marks, rows = marks[within], rows[within]
    stops = np.minimum(np.append(marks[1:], len(data)), bounds[rows + 1])
    return marks + 1, stops, rows, path_stops


def _kinds(paths: pa.Array) -> Places:
    found = pc.index_in(paths, pa.array(list(PATHS)))
    kinds: Places = found.fill_null(len(_KINDS)).to_numpy()
    return kinds


def _names(data: Bytes, starts: Places, stops: Places) -> npt.NDArray[np.int8]:
    """The place in NAMES of each part's name, or one past the last."""
    load = words(data, 8)
    head = load[starts]
    names = np.full(len(starts), len(NAMES), dtype=np.int8)
    for number, name in enumerate(NAMES):
        sign = f"{name}=".encode()
        found = np.flatnonzero((head & word(b"\xff" * min(len(sign), 8))) == word(sign[:8]))
        if len(sign) > 8:
            tail = load[starts[found] + 8] & word(b"\xff" * (len(sign) - 8))
            found = found[tail == word(sign[8:])]
        names[found[starts[found] + len(sign) <= stops[found]]] = number
    return names
