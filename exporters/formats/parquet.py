"""Pairs as Parquet: ids and words as strings, times as UTC timestamps."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from exporters.formats.files import Kind, OpenFile, PartnerFile, Shelf
from exporters.formats.sources import constant_of
from matchbook.partners.profile import DeliveryProfile
from matchbook.sql import name, text

_TIMES = ("last_seen_at", "delivered_at")
_MOMENT = pa.timestamp("us", tz="UTC")


def query_of(profile: DeliveryProfile, moment: str) -> str:
    """SQL for the columns of `partner_rows`, under their names at the partner."""
    cells = [
        f"{_cell(source, profile, moment)} as {name(column)}"
        for column, source in profile.columns.items()
    ]
    return f"select {', '.join(cells)} from partner_rows"


def write_parquet(batches: Iterator[pa.RecordBatch], shelf: Shelf, kind: Kind) -> list[PartnerFile]:
    """Write batches as files of at most `max_rows`; one without rows when there are none."""
    writer = _Writer(shelf, kind)
    try:
        writer.turn_over()
        for batch in batches:
            writer.append(batch.cast(writer.schema))
        return writer.close()
    except BaseException as error:
        writer.abandon(error)
        raise


class _Writer:
    def __init__(self, shelf: Shelf, kind: Kind) -> None:
        columns = shelf.profile.columns
        self.schema = pa.schema(
            [
                (column, _MOMENT if source in _TIMES else pa.string())
                for column, source in columns.items()
            ]
        )
        self._shelf = shelf
        self._kind: Kind = kind
        self._files: list[PartnerFile] = []
        self._open: tuple[OpenFile, pq.ParquetWriter] | None = None

    def append(self, batch: pa.RecordBatch) -> None:
        limit = self._shelf.profile.max_rows
        while batch.num_rows:
            file, writer = self._current
            piece = batch if limit is None else batch.slice(0, limit - file.rows)
            if not piece.num_rows:
                self.turn_over()
                continue
            writer.write_batch(piece)
            file.rows += piece.num_rows
            batch = batch.slice(piece.num_rows)

    @property
    def _current(self) -> tuple[OpenFile, pq.ParquetWriter]:
        assert self._open is not None
        return self._open

    def turn_over(self) -> None:
        """Close the open file and begin the next one."""
        self._finish()
        file = OpenFile(self._shelf, self._kind, len(self._files) + 1)
        compression = self._shelf.profile.compression
        self._open = file, pq.ParquetWriter(file.path, self.schema, compression=compression)

    def close(self) -> list[PartnerFile]:
        self._finish()
        return self._files

    def abandon(self, error: BaseException) -> None:
        if self._open is not None:
            self._open[0].abandon(error)

    def _finish(self) -> None:
        if self._open is not None:
            file, writer = self._open
            writer.close()
            self._files.append(file.close())
            self._open = None


def _cell(source: str, profile: DeliveryProfile, moment: str) -> str:
    constant = constant_of(source, profile, moment)
    value = source if constant is None else text(constant)
    return f"{value}::timestamp" if source in _TIMES else value
