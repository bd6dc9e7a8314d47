"""Landing baselines: what a partner said it knew by itself, as pairs of cookie id and CRM record.

The newest file of a client and partner replaces the one before it. Only those two columns are
read; whatever else stands in the file is not kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.baseline_rows import read_baseline
from ingest.landing import LandedFile, LoadResult, land, printable_name
from ingest.pixel_logs import cookie_ids
from matchbook.clock import utc_naive
from matchbook.erasure import tombstones
from matchbook.erasure.tombstones import Erased
from matchbook.errors import InputRejected
from matchbook.partners import Partner, load_partners
from matchbook.registry import Registry
from matchbook.settings import Settings
from matchbook.sql import text

SOURCE = "baseline"
TABLES = ("partner_baselines", "quarantine")

_STAGED = ("baseline_rows", *(f"new_{name}" for name in (*TABLES, "line_outcomes")))

_RECORD_REFUSAL = """case
    when crm_record_id = '' then 'missing_record_id'
    when length(crm_record_id) > 200
        or regexp_matches(crm_record_id, '[[:cntrl:]]|^[0-9a-fA-F]{64}$') then 'bad_record_id'
end"""


def land_baseline(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    path: Path,
    *,
    client_id: str,
    partner_id: str,
    registry: Registry,
    inbox_name: str | None = None,
) -> LoadResult:
    """Verify a partner's own matched pairs and land them; the original stays where it is.

    The same bytes again, of the same client and partner, are a load whose lines are all
    duplicates. Raises InputRejected when the file is refused; nothing of it is kept then.
    """
    partner = _partner_of(registry, client_id, partner_id)
    with path.open("rb") as delivered:
        sha256 = hashlib.file_digest(delivered, "sha256").hexdigest()
    moment = settings.clock.now()
    file = LandedFile(
        source=SOURCE,
        sha256=sha256,
        file_name=printable_name(inbox_name or path.name),
        content_bytes=0,
        client_id=client_id,
        partner_id=partner_id,
    )
    constants = {"client_id": client_id, "hit_date": utc_naive(moment).date()}
    try:
        _empty_tables(connection)
        erased = tombstones.load(settings)
        known, lines = _stage(connection, file, path, partner, constants, erased)
        return land(
            connection,
            settings,
            replace(file, **known),
            lines=lines,
            tables=TABLES,
            landed_at=moment,
        )
    finally:
        for table in _STAGED:
            connection.execute(f"drop table if exists {table}")


def _partner_of(registry: Registry, client_id: str, partner_id: str) -> Partner:
    client = next((c for c in registry.clients if c.client_id == client_id), None)
    if client is None:
        raise _refused("unknown_client", "The client this baseline is for is not registered.")
    if partner_id not in {partner.partner_id for partner in client.partners}:
        raise _refused("unknown_partner", "The client does not work with this baseline's partner.")
    return client.has_agreed(next(p for p in load_partners() if p.partner_id == partner_id))


def _refused(reason: str, happened: str) -> InputRejected:
    return InputRejected(
        reason,
        happened,
        kept="Nothing was changed.",
        todo="Put it at baseline/client=<client>/partner=<partner>/<name>.csv, both as registered.",
    )


def _empty_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for name in (*TABLES, "line_outcomes"):
        connection.execute(
            f"create or replace temp table new_{name} as "
            f"select * exclude (load_seq) from raw.{name} limit 0"
        )
    connection.execute(
        "create or replace temp table baseline_rows (line_number bigint, "
        "partner_cookie_id varchar, crm_record_id varchar, reason varchar)"
    )


def _stage(
    connection: duckdb.DuckDBPyConnection,
    file: LandedFile,
    path: Path,
    partner: Partner,
    constants: dict[str, Any],
    erased: Erased,
) -> tuple[dict[str, Any], int]:
    """Stage the file; returns what the ledger entry lacks, and the lines."""
    if earlier := _landed_before(connection, file):
        lines = int(earlier.pop("lines"))
        connection.execute(
            "insert into new_line_outcomes by name select $source as source, "
            "$client_id as client_id, $hit_date as hit_date, 'duplicate' as outcome, "
            "'same_file' as reason, $lines as lines",
            constants | {"source": SOURCE, "lines": lines},
        )
        return earlier, lines
    with read_baseline(path, partner) as baseline:
        for batch in baseline.batches():
            _insert(connection, batch)
    _judge(connection, partner, constants, erased)
    known = {
        "content_bytes": baseline.content_bytes,
        "ends_with_newline": baseline.ends_with_newline,
    }
    return known, baseline.lines


def _landed_before(
    connection: duckdb.DuckDBPyConnection, file: LandedFile
) -> dict[str, Any] | None:
    names = ("lines", "content_bytes", "ends_with_newline")
    rows = connection.execute(
        f"select {', '.join(names)} from raw.loads where sha256 = $sha256 and source = $source "
        "and client_id = $client_id and partner_id = $partner_id order by load_seq limit 1",
        {
            "sha256": file.sha256,
            "source": SOURCE,
            "client_id": file.client_id,
            "partner_id": file.partner_id,
        },
    ).fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _insert(connection: duckdb.DuckDBPyConnection, batch: pa.Table) -> None:
    connection.register("baseline_batch", batch)
    try:
        connection.execute("insert into baseline_rows by name select * from baseline_batch")
    finally:
        connection.unregister("baseline_batch")


def _judge(
    connection: duckdb.DuckDBPyConnection,
    partner: Partner,
    constants: dict[str, Any],
    erased: Erased,
) -> None:
    """Each row becomes a pair or is rejected for one reason, and all of them are accounted for.

    But for those of records that the client has erased: of them nothing is kept.
    """
    connection.execute(_judged_rows(partner))
    _mark_erased(connection, str(constants["client_id"]), erased)
    connection.execute(
        "insert into new_partner_baselines by name select line_number, $client_id as client_id, "
        "$partner_id as partner_id, cookie_form as partner_cookie_id, crm_record_id, "
        "$hit_date as hit_date from judged_rows where reason is null and not is_erased",
        constants | {"partner_id": partner.partner_id},
    )
    rejected = "$source as source, $client_id as client_id, $hit_date as hit_date"
    connection.execute(
        f"insert into new_quarantine by name select line_number, {rejected}, reason "
        "from judged_rows where reason is not null",
        constants | {"source": SOURCE},
    )
    connection.execute(
        f"insert into new_line_outcomes by name select {rejected}, "
        "case when reason is not null then 'quarantined' when is_erased then 'untracked' "
        "else 'accepted' end as outcome, "
        "coalesce(reason, if(is_erased, 'opted_out', null)) as reason, "
        "count(*) as lines from judged_rows group by reason, is_erased",
        constants | {"source": SOURCE},
    )
    connection.execute("drop table judged_rows")


def _mark_erased(connection: duckdb.DuckDBPyConnection, client_id: str, erased: Erased) -> None:
    connection.execute("alter table judged_rows add column is_erased boolean default false")
    digests = erased.of([client_id])
    if not digests:
        return
    rows = connection.execute("select distinct crm_record_id from judged_rows where reason is null")
    gone = erased.among(digests, "record", [row[0] for row in rows.fetchall()])
    connection.execute(
        "update judged_rows set is_erased = list_contains(?::varchar[], crm_record_id) "
        "where reason is null",
        [sorted(gone)],
    )


def _judged_rows(partner: Partner) -> str:
    name, value = text(partner.partner_id), "partner_cookie_id"
    refusal = cookie_ids.refusal(name, value, value, "cookie_form", "is_other_form")
    is_other = cookie_ids.is_other(name, "cookie_form")
    if partner.cookie_grade == "client":
        is_other = cookie_ids.is_not(partner, "cookie_form")
        refusal = f"coalesce({refusal}, case when is_other_form then 'bad_cookie_id' end)"
    return f"""
        create or replace temp table judged_rows as
        select * exclude (reason), coalesce(reason, {_RECORD_REFUSAL}, case
            when {value} = '' then 'bad_cookie_id' else {refusal}
        end) as reason
        from (select *, {is_other} as is_other_form from (
            select *, {cookie_ids.canonical(name, value)} as cookie_form from baseline_rows
        ))"""
