"""Landing CRM files: a verified file becomes one load of a list, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import duckdb

from ingest.crm_staging import IN_LAKE, TABLES, Staging
from ingest.landing import LandedFile, LoadResult, land, printable_name
from ingest.pixel_logs.ahead import ahead
from ingest.verify import file_sha256
from matchbook.clock import utc_naive
from matchbook.crm_files import MAX_SHRINK, MODES, open_crm_file
from matchbook.errors import InputRejected
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings

BATCHES_AHEAD = 4
_NOT_YET = ""
"""Stands for a digest until the file has been opened."""

_LIVE_RECORDS = """
with

effective_loads as (
    select load_seq, list_mode from raw.loads
    where list_id = $list_id and accepted > 0
),

named_rows as (
    select crm_record_id, load_seq, list_mode from raw.crm_rows
    where list_id = $list_id and crm_record_id is not null
),

last_uploads as (
    select crm_record_id, max(load_seq) as load_seq from named_rows
    where list_mode <> 'opt-out'
    group by crm_record_id
),

nameless_withdrawals as (
    select
        record_identifiers.identifier_type,
        record_identifiers.identifier_key,
        max(record_identifiers.load_seq) as load_seq
    from raw.record_identifiers
    inner join effective_loads on record_identifiers.load_seq = effective_loads.load_seq
    where effective_loads.list_mode = 'opt-out' and record_identifiers.crm_record_id is null
    group by record_identifiers.identifier_type, record_identifiers.identifier_key
),

withdrawals as (
    select crm_record_id, load_seq from named_rows
    where list_mode = 'opt-out'
    union all
    select record_identifiers.crm_record_id, nameless_withdrawals.load_seq
    from raw.record_identifiers
    inner join nameless_withdrawals
        on record_identifiers.identifier_key = nameless_withdrawals.identifier_key
        and record_identifiers.identifier_type = nameless_withdrawals.identifier_type
    where record_identifiers.list_id = $list_id and record_identifiers.crm_record_id is not null
),

last_withdrawals as (
    select crm_record_id, max(load_seq) as load_seq from withdrawals
    group by crm_record_id
)

select last_uploads.crm_record_id
from last_uploads
left join last_withdrawals on last_uploads.crm_record_id = last_withdrawals.crm_record_id
where last_uploads.load_seq > coalesce(last_withdrawals.load_seq, 0)
    and last_uploads.load_seq >= (
        select coalesce(max(load_seq), 0) from effective_loads where list_mode = 'replace'
    )
"""
"""What a list says of its records by its newest loads; later withdrawals win."""

_SHRINK = f"""
select count(*), count(*) filter (where crm_record_id not in (
    select crm_record_id from read_parquet($crm_rows)
))
from ({_LIVE_RECORDS})
"""


@dataclass(frozen=True)
class CrmLoadResult(LoadResult):
    """A load's account, with what was left out of accepted rows."""

    cell_rejects: dict[str, int]
    """Cells of accepted rows that were not kept, by reason."""


def land_crm_file(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    path: Path,
    *,
    list_id: str,
    mode: str,
    registry: Registry,
    keys: Keys,
    confirm_shrink: bool = False,
    inbox_name: str | None = None,
    uploaded_by: str | None = None,
) -> CrmLoadResult:
    """Verify a CRM file and land it; the original stays where it is.

    The same bytes again, on the same list in the same mode, are a load whose lines are all
    duplicates. Raises InputRejected when the file is refused; nothing of it is kept then.
    """
    moment = settings.clock.now()
    file = LandedFile(
        source="crm_file",
        sha256=_NOT_YET,
        file_name=printable_name(inbox_name or path.name),
        content_bytes=0,
        client_id=_client_of(registry, list_id, mode),
        list_id=list_id,
        list_mode=mode,
        uploaded_by=uploaded_by,
    )
    hit_date = utc_naive(moment).date()
    staging = Staging(connection, settings, file, keys=keys, hit_date=hit_date)
    with _in_any_order(connection), staging.tables():
        known, lines, cell_rejects = _stage(
            connection, staging, file, path, confirm_shrink=confirm_shrink
        )
        file = replace(file, **known)
        staging.into_lake(file)
        result = land(
            connection, settings, file, lines=lines, tables=TABLES, in_lake=IN_LAKE,
            landed_at=moment,
        )  # fmt: skip
    return CrmLoadResult(**asdict(result), cell_rejects=cell_rejects)


def _stage(
    connection: duckdb.DuckDBPyConnection,
    staging: Staging,
    file: LandedFile,
    path: Path,
    *,
    confirm_shrink: bool,
) -> tuple[dict[str, Any], int, dict[str, int]]:
    """Stage the file; returns what the ledger entry lacks, the lines and the rejected cells."""
    # Batches are read while the file's digest is taken, and while others are keyed and staged.
    with (
        open_crm_file(path, mode=str(file.list_mode)) as crm_file,
        closing(ahead(crm_file.batches(), BATCHES_AHEAD)) as batches,
    ):
        first = list(islice(batches, 1))
        file = replace(file, sha256=file_sha256(path))
        if earlier := _landed_before(connection, file):
            lines = earlier.pop("lines")
            staging.account([("duplicate", None, lines)])
            return earlier, lines, {}
        for batch in chain(first, batches):
            staging.add(batch)
    staging.flush()
    if file.list_mode == "replace" and not confirm_shrink:
        _refuse_shrink(connection, str(file.list_id), staging.crm_rows)
    staging.finish(crm_file)
    known = {
        "sha256": file.sha256,
        "content_bytes": crm_file.content_bytes,
        "ends_with_newline": crm_file.ends_with_newline,
    }
    return known, crm_file.lines, dict(sorted(crm_file.cell_rejects.items()))


@contextmanager
def _in_any_order(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Inserts in the block need not keep the order of rows; each row has its line number.

    With it DuckDB writes row groups that are not full, and all again at its next checkpoint.
    """
    connection.execute("set preserve_insertion_order = false")
    try:
        yield
    finally:
        connection.execute("reset preserve_insertion_order")


def _client_of(registry: Registry, list_id: str, mode: str) -> str:
    if mode not in MODES:
        raise _refused(
            "unknown_mode",
            "The mode of this file is not known.",
            f"Use one of {', '.join(MODES)}.",
        )
    for crm_list in registry.lists:
        if crm_list.list_id == list_id:
            return crm_list.client_id
    raise _refused(
        "unknown_list",
        "The list this file is for is not registered.",
        "Register the list for its client, or correct the folder's audience=<list>.",
    )


def _landed_before(
    connection: duckdb.DuckDBPyConnection, file: LandedFile
) -> dict[str, Any] | None:
    rows = connection.execute(
        "select sha256, lines, content_bytes, ends_with_newline from raw.loads "
        "where sha256 = $sha256 and list_id = $list_id and list_mode = $list_mode "
        "order by load_seq limit 1",
        {"sha256": file.sha256, "list_id": file.list_id, "list_mode": file.list_mode},
    ).fetchall()
    names = ("sha256", "lines", "content_bytes", "ends_with_newline")
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _refuse_shrink(connection: duckdb.DuckDBPyConnection, list_id: str, crm_rows: Path) -> None:
    given = {"list_id": list_id, "crm_rows": str(crm_rows)}
    [(live, dropped)] = connection.execute(_SHRINK, given).fetchall()
    if dropped > live * MAX_SHRINK:
        raise _refused(
            "shrink",
            f"This replace would withdraw {dropped:,} of the list's {live:,} records.",
            "Check that the file is complete. If it is meant, confirm it: in the browser when you "
            "upload it, or with matchbook ingest crm --confirm-shrink.",
        )


def _refused(reason: str, happened: str, todo: str) -> InputRejected:
    return InputRejected(reason, happened, kept="Nothing was changed.", todo=todo)
