"""The rows of a CRM load as Parquet, written while the file is read: the lake's own files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.landing import LandedFile, lake_file, next_load_seq
from matchbook.files import sync_file
from matchbook.settings import Settings

ROWS_AT_ONCE = 120_000
"""A row group; so many rows of a table wait to be written."""
WRITERS = 2
"""One table's rows are written while another's are handed to the disk."""

_EACH_ITS_OWN = ("identifier_key", "crm_record_id", "line_number")
"""Columns whose values hardly repeat: a dictionary of them would hold them all."""
_RANDOM = ("identifier_key",)
"""Columns that no compression makes smaller at a fair price."""


class LakeRows:
    """One raw table's rows of a load; other threads write them."""

    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        constants: Mapping[str, object],
        pool: ThreadPoolExecutor,
    ) -> None:
        self.path = path
        self._schema = schema
        self._constants = constants
        self._pool = pool
        self._waiting: list[pa.Table] = []
        self._writing: Future[None] | None = None
        self._ending: Future[None] | None = None
        self._writer = pq.ParquetWriter(
            path,
            schema,
            use_dictionary=[name for name in schema.names if name not in _EACH_ITS_OWN],
            # A load is read whole: nobody asks its file for the rows of a value.
            write_statistics=False,
            compression={n: "none" if n in _RANDOM else "snappy" for n in schema.names},
        )

    def add(self, rows: pa.Table) -> None:
        """Add rows, which lack the columns that are the same in all rows of the load."""
        self._waiting.append(rows)
        if sum(part.num_rows for part in self._waiting) >= ROWS_AT_ONCE:
            self._hand_over()

    def end(self) -> None:
        """No more rows come: what is left is written and handed to the disk meanwhile."""
        if self._ending is None:
            self._hand_over()
            self._written()
            self._ending = self._pool.submit(self._end)

    def close(self) -> None:
        """Wait until all is on the disk; more than once does no harm."""
        self.end()
        assert self._ending is not None
        self._ending.result()

    def discard(self) -> None:
        """Leave nothing, unless the file has got another name."""
        wait([doing for doing in (self._writing, self._ending) if doing is not None])
        self._writer.close()
        self.path.unlink(missing_ok=True)

    def _hand_over(self) -> None:
        parts, self._waiting = self._waiting, []
        if not sum(part.num_rows for part in parts):
            return
        self._written()
        self._writing = self._pool.submit(self._write, parts)

    def _write(self, parts: list[pa.Table]) -> None:
        rows = with_constants(pa.concat_tables(parts), self._constants)
        self._writer.write_table(rows.select(self._schema.names).cast(self._schema))

    def _end(self) -> None:
        self._writer.close()
        sync_file(self.path)

    def _written(self) -> None:
        """Wait for what is being written; one row group at a time is kept for that."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()


class LoadFiles:
    """The files of one load, one for each of some raw tables; unnamed until it is known whole."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        constants: Mapping[str, Mapping[str, object]],
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._load_seq = next_load_seq(connection)
        self._constants = constants
        self._tables: dict[str, LakeRows] = {}

    def __getitem__(self, name: str) -> LakeRows:
        return self._tables[name]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Empty files for the block; those that got no name in it are gone after it."""
        with ThreadPoolExecutor(WRITERS) as pool:
            try:
                for name in self._constants:
                    self._tables[name] = self._opened(name, pool)
                yield
            finally:
                for rows in self._tables.values():
                    rows.discard()

    def part(self, name: str, kind: str = "parquet") -> Path:
        """Where a file stands while it has no name; a torn one is dropped with its load."""
        path = self._settings.lake / name / f"{self._load_seq:012d}-unnamed.parquet.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def close(self) -> None:
        """Write everything that waits."""
        for rows in self._tables.values():
            rows.close()

    def name(self, file: LandedFile) -> None:
        """Put the closed files where the load of this file has them."""
        for name, rows in self._tables.items():
            with lake_file(self._settings, name, self._load_seq, file) as in_lake:
                rows.path.replace(in_lake)

    def _opened(self, name: str, pool: ThreadPoolExecutor) -> LakeRows:
        schema = self._connection.table(f"raw.{name}").limit(0).to_arrow_table().schema
        constants = {**self._constants[name], "load_seq": self._load_seq}
        return LakeRows(self.part(name), schema, constants, pool)


def with_constants(rows: pa.Table, constants: Mapping[str, object]) -> pa.Table:
    """Rows with more columns, each the same value throughout."""
    for name, value in constants.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
    return rows
