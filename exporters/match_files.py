"""One night's match file: what changed between the pairs a partner holds and those it may hold.

Ids are written as they are: they match their grammars, and an id that begins with = + - or @
must not be altered, so these files are for loading and not for opening in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from matchbook.publishing.outbox import SUBJECT_KEY
from matchbook.settings import Settings
from matchbook.sql import text
from matchbook.warehouse import open_memory

COLUMNS = ("partner_cookie_id", "crm_record_id", "action", "last_seen_at")

MEMORY_LIMIT = "768MB"
"""Beyond it DuckDB works on disk."""

_CSV = "header, delimiter ',', quote '\"', escape '\"'"

_SUPPRESSED_PAIRS = """
create or replace temp table suppressed_pairs as
{by_gate}
union
select file_row_number
from read_parquet($pairs, file_row_number = true) as pairs semi join suppressed
    on suppressed.subject_type = 'record' and suppressed.subject_id = pairs.crm_record_id
"""

_BY_GATE = """
select pair_number from read_parquet($gate) semi join suppressed using (subject_key)
where pair_number is not null
"""

_BY_OLD_GATE = """
select file_row_number as pair_number
from read_parquet($pairs, file_row_number = true)
semi join (
    select partner_cookie_id, crm_record_id
    from read_parquet($gate) semi join suppressed using (subject_type, subject_id)
) using (partner_cookie_id, crm_record_id)
"""
"""Of an outbox that was published before pairs and subjects had numbers."""

_DELTA = """
create or replace temp table delta as
with pairs as (
    from read_parquet($pairs, file_row_number = true)
),
deliverable as (
    select * exclude (file_row_number), true as is_deliverable
    from pairs anti join suppressed_pairs
        on suppressed_pairs.pair_number = pairs.file_row_number
),
held as (
    select *, true as is_held from held_pairs
)
select
    partner_cookie_id,
    crm_record_id,
    case when is_held is null then 'add' when is_deliverable is null then 'remove' else 'seen' end
        as action,
    strftime(last_seen_at, '%Y-%m-%dT%H:%M:%SZ') as last_seen_at
from deliverable full join held using (partner_cookie_id, crm_record_id)
where is_held is null or is_deliverable is null or cookie_seen_load_seq > $since
"""

_NOTHING_HELD = """
select '' as partner_cookie_id, '' as crm_record_id,
    null::timestamp as first_delivered_at, null::timestamp as last_delivered_at
where false
"""

_HELD_AFTER = """
select partner_cookie_id, crm_record_id,
    case when action = 'add' then $as_of else first_delivered_at end as first_delivered_at,
    case when action is not null then $as_of else last_delivered_at end as last_delivered_at
from held_pairs full join delivered using (partner_cookie_id, crm_record_id)
where action is distinct from 'remove'
order by partner_cookie_id, crm_record_id
"""


@dataclass(frozen=True)
class RowCounts:
    """Rows of a file by action."""

    add: int
    seen: int
    remove: int
    suppressed: int = 0
    """Pairs of the build that somebody opted out of since."""


@contextmanager
def workbench(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A memory-bounded connection for the files of one run."""
    connection = open_memory(memory_limit=MEMORY_LIMIT)
    try:
        connection.execute(f"set temp_directory = {text(settings.home / 'tmp')}")
        yield connection
    finally:
        connection.close()


def compute_delta(
    connection: duckdb.DuckDBPyConnection,
    *,
    pairs: Path,
    gate: Path,
    held: Path | None,
    suppressed: Sequence[tuple[str, str]],
    since: int,
) -> RowCounts:
    """Fill the table `delta`: from what the partner holds to what it may hold now.

    `suppressed` has (subject_type, subject_id) of this moment. `since` is the newest load the
    partner was told of: a held pair whose cookie was seen later is `seen`.
    """
    _name_held_pairs(connection, held)
    _name_suppressed(connection, suppressed)
    by_gate = _BY_GATE if _has_numbers(connection, gate) else _BY_OLD_GATE
    files = {"pairs": str(pairs), "gate": str(gate)}
    connection.execute(_SUPPRESSED_PAIRS.format(by_gate=by_gate), files)
    connection.execute(_DELTA, {"pairs": str(pairs), "since": since})
    counts = dict(
        connection.execute(
            "select action, count(*) from delta group by all "
            "union all select 'suppressed', count(*) from suppressed_pairs"
        ).fetchall()
    )
    return RowCounts(*(counts.get(name, 0) for name in ("add", "seen", "remove", "suppressed")))


def write_csv(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write `delta`, sorted, with LF line ends; only the header when nothing changed."""
    connection.execute(
        f"copy (select {', '.join(COLUMNS)} from delta "
        f"order by partner_cookie_id, crm_record_id) to {text(target)} (format csv, {_CSV})"
    )


def write_holdings(
    connection: duckdb.DuckDBPyConnection,
    *,
    held: Path | None,
    delivered: Path,
    as_of: datetime,
    target: Path,
) -> int:
    """Write the pairs held once `delivered` is applied, read from the file itself; their number.

    Each with the moments (UTC) of the builds that first and last told the partner of it.
    """
    _name_held_pairs(connection, held)
    kinds = ", ".join(f"'{column}': 'varchar'" for column in COLUMNS)
    connection.execute(
        f"create or replace temp view delivered as from read_csv({text(delivered)}, "
        f"columns = {{{kinds}}}, header = true, delim = ',', quote = '\"', escape = '\"', "
        "auto_detect = false, parallel = false)"
    )
    copy = f"copy ({_HELD_AFTER}) to {text(target)} (format parquet)"
    row = connection.execute(copy, {"as_of": as_of}).fetchone()
    return int(row[0]) if row else 0


def _name_held_pairs(connection: duckdb.DuckDBPyConnection, held: Path | None) -> None:
    # By name, for what was written by an earlier version lacks the moments.
    known = f" union all by name from read_parquet({text(held)})" if held else ""
    connection.execute(f"create or replace temp view held_pairs as {_NOTHING_HELD}{known}")


def _name_suppressed(
    connection: duckdb.DuckDBPyConnection, suppressed: Sequence[tuple[str, str]]
) -> None:
    connection.execute(
        f"create or replace temp table suppressed as select *, {SUBJECT_KEY} as subject_key from ("
        "select unnest(?::varchar[]) as subject_type, unnest(?::varchar[]) as subject_id)",
        [[row[0] for row in suppressed], [row[1] for row in suppressed]],
    )


def _has_numbers(connection: duckdb.DuckDBPyConnection, gate: Path) -> bool:
    query = (
        "select count(*) from parquet_schema($gate) where name in ('pair_number', 'subject_key')"
    )
    return connection.execute(query, {"gate": str(gate)}).fetchone() == (2,)
