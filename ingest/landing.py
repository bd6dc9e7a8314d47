"""Landing: a file's rows and its ledger entry reach the warehouse together or not at all.

The lake is written first and is the write-ahead log: a load whose ledger entry stands in
`lake/loads/` is complete, and `recover` replays those the warehouse does not have. A
rebuild is nothing else than a recovery into an empty file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from matchbook.clock import utc_naive
from matchbook.failpoints import failpoint
from matchbook.files import whole_file
from matchbook.settings import Settings

ROW_TABLES = (
    "hits",
    "crm_rows",
    "record_identifiers",
    "record_attributes",
    "load_columns",
    "partner_baselines",
    "quarantine",
    "line_outcomes",
)
"""Raw tables that a load may fill; each has a `load_seq`."""

MAX_FILE_NAME_LENGTH = 255

OUTCOMES = ("accepted", "untracked", "quarantined", "duplicate", "not_ours")


@dataclass(frozen=True)
class LandedFile:
    """What is known of a file before its rows: the ledger entry less seq, counts and time."""

    source: str
    sha256: str
    file_name: str
    content_bytes: int
    content_head: str | None = None
    content_sha256: str | None = None
    ends_with_newline: bool = True
    client_id: str | None = None
    list_id: str | None = None
    list_mode: str | None = None
    uploaded_by: str | None = None
    partner_id: str | None = None


@dataclass(frozen=True)
class LoadResult:
    """One load's account; the five outcomes add up to `lines`."""

    load_seq: int
    source: str
    file_name: str
    lines: int
    accepted: int
    untracked: int
    quarantined: int
    duplicate: int
    not_ours: int
    quarantined_by_reason: dict[str, int]


def land(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    file: LandedFile,
    *,
    lines: int,
    tables: Iterable[str],
    in_lake: Iterable[str] = (),
    landed_at: datetime | None = None,
) -> LoadResult:
    """Land one verified file.

    Each name in `tables` is one of ROW_TABLES, and the connection has a temporary table
    `new_<name>` with that raw table's columns less `load_seq`. `new_line_outcomes` is
    required: it accounts for every one of the `lines`. Those in `in_lake` are ROW_TABLES
    too, whose rows `lake_file` holds already. Raises AssertionError when the
    account does not add up; nothing is landed then.
    """
    names = sorted({*tables, "line_outcomes"})
    load_seq = next_load_seq(connection)
    counts = _counts(connection)
    assert sum(counts.values()) == lines, f"{counts} does not add up to {lines} lines"
    moment = utc_naive(landed_at or settings.clock.now())
    entry = asdict(file) | counts | {"lines": lines, "landed_at": moment}
    entry |= {"load_seq": load_seq, "hit_date": moment.date()}
    for name in names:
        _write_lake(connection, _lake_path(settings, name, load_seq, file), name, load_seq)
    _write_ledger_entry(connection, _lake_path(settings, "loads", load_seq, file), entry)
    failpoint("landing.lake_written")
    # The same rows as in the lake, without reading them back.
    rows = {name: f"(select {load_seq}::bigint as load_seq, * from new_{name})" for name in names}
    written = {name: str(_lake_path(settings, name, load_seq, file)) for name in in_lake}
    rows |= dict.fromkeys(written, "read_parquet($path)")
    _commit(connection, rows | {"loads": "new_loads"}, written)
    failpoint("landing.after_commit")
    return _result(connection, load_seq)


def next_load_seq(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the load that would land now."""
    return _one(connection, "select coalesce(max(load_seq), 0) + 1 from raw.loads")


def lake_file(
    settings: Settings, name: str, load_seq: int, file: LandedFile
) -> AbstractContextManager[Path]:
    """Where to write one raw table's rows of a load, whole, as Parquet with its `load_seq`."""
    return whole_file(_lake_path(settings, name, load_seq, file))


def recover(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Replay complete loads that stand in the lake but not in the warehouse; drop torn ones.

    Returns how many were replayed. Run before every landing.
    """
    newest = _one(connection, "select coalesce(max(load_seq), 0) from raw.loads")
    complete = sorted(path.stem for path in (settings.lake / "loads").glob("*.parquet"))
    missing = [stem for stem in complete if int(stem.split("-")[0]) > newest]
    for stem in missing:
        _replay(connection, settings.lake, stem)
    _drop_torn(settings.lake, keep=set(complete), newer_than=newest)
    return len(missing)


def printable_name(name: str) -> str:
    """A delivered file's name as the ledger keeps it: escaped to ASCII, at most 255 characters."""
    return name.encode("unicode_escape", "surrogatepass").decode("ascii")[-MAX_FILE_NAME_LENGTH:]


def result_of(connection: duckdb.DuckDBPyConnection, load_seq: int) -> LoadResult:
    """The account of a load that has landed."""
    return _result(connection, load_seq)


def _lake_path(settings: Settings, name: str, load_seq: int, file: LandedFile) -> Path:
    return settings.lake / name / f"{load_seq:012d}-{file.sha256[:12]}.parquet"


def _replay(connection: duckdb.DuckDBPyConnection, lake: Path, stem: str) -> None:
    paths = {name: lake / name / f"{stem}.parquet" for name in (*ROW_TABLES, "loads")}
    found = {name: str(path) for name, path in paths.items() if path.exists()}
    _commit(connection, dict.fromkeys(found, "read_parquet($path)"), found)


def _commit(
    connection: duckdb.DuckDBPyConnection, rows: Mapping[str, str], paths: Mapping[str, str]
) -> None:
    """Insert each table's rows, given as SQL, in one transaction."""
    connection.execute("begin")
    try:
        for name, source in rows.items():
            connection.execute(
                f"insert into raw.{name} by name select * from {source}",
                {"path": paths[name]} if name in paths else {},
            )
        failpoint("landing.before_commit")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _write_lake(
    connection: duckdb.DuckDBPyConnection, target: Path, name: str, load_seq: int
) -> None:
    with whole_file(target) as part:
        rows = f"select {int(load_seq)}::bigint as load_seq, * from new_{name}"
        connection.execute(f"copy ({rows}) to $path (format parquet)", {"path": str(part)})


def _write_ledger_entry(
    connection: duckdb.DuckDBPyConnection, target: Path, entry: dict[str, Any]
) -> None:
    connection.execute("create or replace temp table new_loads as from raw.loads limit 0")
    columns = ", ".join(entry)
    marks = ", ".join(f"${name}" for name in entry)
    insert = f"insert into new_loads ({columns}) values ({marks})"
    connection.execute(insert, entry)
    with whole_file(target) as part:
        connection.execute("copy new_loads to $path (format parquet)", {"path": str(part)})


def _drop_torn(lake: Path, *, keep: set[str], newer_than: int) -> None:
    for path in lake.glob("*/*.parquet*"):
        stem = path.name.split(".")[0]
        if stem not in keep and int(stem.split("-")[0]) > newer_than:
            path.unlink()


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = connection.execute(
        "select outcome, sum(lines)::bigint from new_line_outcomes group by outcome"
    ).fetchall()
    return dict.fromkeys(OUTCOMES, 0) | dict(rows)


def _result(connection: duckdb.DuckDBPyConnection, load_seq: int) -> LoadResult:
    columns = ("load_seq", "source", "file_name", "lines", *OUTCOMES)
    query = f"select {', '.join(columns)} from raw.loads where load_seq = $seq"
    row = connection.execute(query, {"seq": load_seq}).fetchone()
    assert row is not None
    reasons = connection.execute(
        "select reason, sum(lines)::bigint from raw.line_outcomes "
        "where load_seq = $seq and outcome = 'quarantined' group by reason order by reason",
        {"seq": load_seq},
    ).fetchall()
    return LoadResult(**dict(zip(columns, row, strict=True)), quarantined_by_reason=dict(reasons))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((value,),) = connection.execute(query).fetchall()
    return int(value)
