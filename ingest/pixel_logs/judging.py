"""What the calls among a round's lines say, judged beside the warehouse.

Nothing here depends on what landed before, so that one round is judged while another is
accounted for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs import attribution, formats
from ingest.pixel_logs.agreed_forms import AgreedForms
from ingest.pixel_logs.browsers import Browsers
from ingest.pixel_logs.calls import Calls
from ingest.pixel_logs.combined import Shares
from ingest.pixel_logs.distinct import joined
from ingest.pixel_logs.lines import SOUND
from ingest.pixel_logs.parameters import FIELDS_SCHEMA, with_parameters
from ingest.pixel_logs.periods import Periods
from ingest.pixel_logs.segment_calls import segment_calls
from ingest.pixel_logs.web_calls import web_calls
from matchbook.keys import Keys
from matchbook.registry import Registry

ODD_BATCH_LINES = 20_000


@dataclass(frozen=True)
class Round:
    """Some lines of one log and what their calls say."""

    log_format: str
    lines: pa.Table
    """Those that may be quarantined; the text of others is let go."""
    odd: pa.Table
    """Those of them that SQL has to look at."""
    foreign: Counter[str]
    """How many lines of others there are in each minute, as that is written."""
    calls: Calls
    verdicts: pa.Table
    """A row for each kind of call: what ATTRIBUTED_KINDS finds."""


class Judge:
    """Judges the rounds of one file, in its own scratch connection."""

    def __init__(
        self,
        scratch: duckdb.DuckDBPyConnection,
        registry: Registry,
        keys: Keys,
        moments: dict[str, Any],
        host: str | None,
    ) -> None:
        self._scratch = scratch
        self._scratch.execute("set preserve_insertion_order = false")
        self._keys = keys
        self._parameters = {"oldest": moments["oldest"], "host": host.lower() if host else None}
        self._browsers = Browsers(keys)
        self._agreed = AgreedForms(registry)
        attribution.make_registry_tables(scratch, registry)
        self._periods = Periods(
            attribution.moments(scratch), oldest=moments["oldest"], latest=moments["latest"]
        )

    def judged(self, formed: tuple[str, Sequence[Shares]]) -> Round:
        """The round that these lines of a log format make."""
        log_format, shares = formed
        odd = pa.Table.from_batches(share.odd for share in shares)
        self._scratch.register("odd_lines", odd)
        self._scratch.execute(
            "create or replace temp view sound_lines as select line_number, line from odd_lines "
            f"where flaw = {SOUND} and byte_length > 0 and {formats.may_be_ours(log_format)}"
        )
        calls = self._calls(log_format, list(chain(*(share.fields for share in shares))))
        verdicts = self._scratch.sql(attribution.ATTRIBUTED_KINDS).to_arrow_table()
        self._scratch.unregister("odd_lines")
        return Round(
            log_format=log_format,
            lines=_to_quote(shares, odd, calls, verdicts),
            odd=odd,
            foreign=sum((share.foreign for share in shares), Counter()),
            calls=calls,
            verdicts=verdicts,
        )

    def _calls(self, log_format: str, fields: list[pa.RecordBatch]) -> Calls:
        if log_format == formats.SEGMENT:
            return segment_calls(self._scratch, self._keys, self._agreed, self._parameters)
        odd = self._scratch.sql(formats.parsed_fields(log_format)).to_arrow_table()
        batches = [*fields, *with_parameters(odd).to_batches(ODD_BATCH_LINES)]
        table = pa.Table.from_batches(batches, FIELDS_SCHEMA)
        columns = {name: joined(table[name]) for name in table.column_names}
        columns |= self._browsers.of(columns)
        return web_calls(
            self._scratch, self._keys, self._agreed, self._periods, columns, self._parameters
        )


def _to_quote(
    shares: Sequence[Shares], odd: pa.Table, calls: Calls, verdicts: pa.Table
) -> pa.Table:
    is_refused = verdicts["reason"].is_valid().to_numpy()
    places = np.empty(len(verdicts), dtype=np.int64)
    places[verdicts["kind"].to_numpy()] = np.arange(len(verdicts))
    refused = calls.own["line_number"].filter(pa.array(is_refused[places[calls.kinds]]))
    wanted = pa.chunked_array([*odd["line_number"].chunks, refused])
    lines = pa.Table.from_batches(chain(*(share.lines for share in shares)))
    return lines.filter(pc.is_in(lines["line_number"], wanted))
