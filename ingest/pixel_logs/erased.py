"""Calls that are about somebody a client has erased: they are not tracked, and no id is kept."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingest.pixel_logs.calls import Calls
from ingest.pixel_logs.views import Flags, Places
from matchbook.erasure.tombstones import Erased
from matchbook.registry import Registry

_OWN = {"visitor": "visitor_id", "cep_contact": "cep_contact_id"}


class ErasedCalls:
    """Finds them in the rounds of a file."""

    def __init__(self, erased: Erased, registry: Registry) -> None:
        self._erased = erased
        # A bake serves all its publisher's clients: it goes when none of them may have it.
        self._readers = {p.publisher_id: p.client_ids for p in registry.publishers}

    def among(self, calls: Calls, verdicts: pa.Table) -> Flags:
        """Which calls they are. `verdicts` has a row for each kind."""
        found = np.zeros(len(calls.kinds), dtype=bool)
        if not self._erased:
            return found
        owners = zip(
            verdicts["client_id"].to_pylist(), verdicts["publisher_id"].to_pylist(), strict=True
        )
        kinds_of: dict[tuple[str, ...], list[int]] = {}
        for kind, (client, publisher) in enumerate(owners):
            readers = self._readers.get(publisher, ()) if publisher else ()
            kinds_of.setdefault(readers or ((client,) if client else ()), []).append(kind)
        for readers, kinds in kinds_of.items():
            if erased := self._erased.of(readers):
                rows = np.flatnonzero(np.isin(calls.kinds, kinds))
                self._find(erased, calls, rows, found)
        return found

    def _find(self, erased: frozenset[str], calls: Calls, rows: Places, found: Flags) -> None:
        for kind, name in _OWN.items():
            column = calls.own[name].take(pa.array(rows)).cast(pa.string()).dictionary_encode()
            gone = self._erased.among(erased, kind, column.dictionary.to_pylist())
            if gone:
                found[rows] |= _is_in(column, gone)
        mine = set(rows.tolist())
        keys = [
            (item.call, key)
            for item in calls.identifiers
            if item.call in mine and item.key
            for key in (item.key, *item.past)
        ]
        gone = self._erased.among(erased, "identifier", [key for _, key in keys])
        found[[call for call, key in keys if key in gone]] = True


def _is_in(column: pa.DictionaryArray, gone: set[str]) -> Flags:
    wanted = np.array([value in gone for value in column.dictionary.to_pylist()] + [False])
    places = column.indices.fill_null(len(wanted) - 1).to_numpy()
    flags: Flags = wanted[places]
    return flags
