"""Measures found pairs against the truth. Only tests and the demo's summary read it.

A pair (client, visitor id, CRM record) is *right* when the record's person used that
browser at least once, and *recoverable* when besides that the person left evidence that
leads to the record and was not withheld by consent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.demo.truth_files import as_text
from matchbook.settings import Settings
from matchbook.warehouse import open_memory

Pair = tuple[str, str, str]
"""client_id, visitor_id, crm_record_id."""

EVIDENCE_DAYS = 90


@dataclass(frozen=True)
class Score:
    """How good a set of pairs is. Nothing found scores 1 and 0."""

    precision: float
    recall: float
    pairs: int
    right: int
    recoverable: int
    recovered: int


def score(
    settings: Settings,
    pairs: duckdb.DuckDBPyRelation | Iterable[Pair],
    *,
    as_of: date | None = None,
) -> Score:
    """Measure pairs (client_id, visitor_id, crm_record_id) that were found deliverable.

    Recoverable is what can be known from the files landed by the end of `as_of`, without
    it the last day written: evidence at most 90 days old, a record that has not left and
    a browser that has not opted out.
    """
    with open_memory() as connection:
        connection.register("found", _table(pairs))
        _create_views(connection, settings.home / "truth", as_of)
        row = connection.execute(_SCORE_SQL).fetchone()
    assert row is not None
    count, right, recoverable, recovered = (int(value) for value in row)
    return Score(
        precision=right / count if count else 1.0,
        recall=recovered / recoverable if recoverable else 0.0,
        pairs=count,
        right=right,
        recoverable=recoverable,
        recovered=recovered,
    )


def true_pairs(settings: Settings, *, as_of: date | None = None) -> pa.Table:
    """client_id, visitor_id, crm_record_id, is_right, is_recoverable and the reason why not."""
    with open_memory() as connection:
        _create_views(connection, settings.home / "truth", as_of)
        return connection.sql("from pairs order by all").to_arrow_table()


def _table(pairs: duckdb.DuckDBPyRelation | Iterable[Pair]) -> pa.Table:
    names = ["client_id", "visitor_id", "crm_record_id"]
    if isinstance(pairs, duckdb.DuckDBPyRelation):
        return pairs.to_arrow_table().select([0, 1, 2]).rename_columns(names)
    columns = list(zip(*pairs, strict=True)) or [(), (), ()]
    return pa.table({name: as_text(values) for name, values in zip(names, columns, strict=True)})


def _create_views(connection: duckdb.DuckDBPyConnection, folder: Path, as_of: date | None) -> None:
    for name in ("uses", "evidence", "withdrawals"):
        files = connection.read_parquet(str(folder / name / "*.parquet"))
        files.create_view(name)
    connection.read_parquet(str(folder / "records.parquet")).create_view("records")
    connection.execute("create table moment (as_of date)")
    connection.execute(
        "insert into moment select coalesce($as_of, (select max(hit_date) from uses))",
        {"as_of": as_of},
    )
    connection.execute(_PAIRS_SQL.replace("$evidence_days", str(EVIDENCE_DAYS)))


_PAIRS_SQL = """
create temp table pairs as
with right_pairs as (
    select distinct records.client_id, uses.visitor_id, records.crm_record_id
    from uses inner join records on uses.person_id = records.person_id
),

links as (
    select evidence.*, records.crm_record_id, records.live_from, records.left_on
    from evidence inner join records
        on evidence.client_id = records.client_id and evidence.via = 'email'
        and evidence.number = records.email
    union all
    select evidence.*, records.crm_record_id, records.live_from, records.left_on
    from evidence inner join records
        on evidence.client_id = records.client_id and evidence.via = 'phone'
        and evidence.number = records.phone
    union all
    select evidence.*, records.crm_record_id, records.live_from, records.left_on
    from evidence inner join records
        on evidence.client_id = records.client_id and evidence.via = 'postal'
        and evidence.number = records.postal
    union all
    select evidence.*, records.crm_record_id, records.live_from, records.left_on
    from evidence inner join records
        on evidence.client_id = records.client_id and evidence.via = 'contact'
        and evidence.number = records.contact
),

reasons as (
    select
        client_id, visitor_id, crm_record_id,
        case
            when withheld <> '' then withheld
            when landed_date > as_of then 'not_landed'
            when hit_date <= as_of - $evidence_days then 'too_old'
            when live_from > as_of or left_on <= as_of then 'record_not_live'
            when visitor_id in (select visitor_id from withdrawals where hit_date <= as_of)
                then 'opted_out'
        end as reason
    from links cross join moment
),

evident as (
    select
        client_id, visitor_id, crm_record_id,
        bool_or(reason is null) as is_usable,
        min(reason) as reason
    from reasons group by client_id, visitor_id, crm_record_id
)

select
    client_id, visitor_id, crm_record_id,
    right_pairs.client_id is not null as is_right,
    coalesce(is_right and is_usable, false) as is_recoverable,
    case
        when not is_right then 'not_their_browser'
        when evident.client_id is null then 'no_evidence'
        when not is_usable then reason
    end as reason
from right_pairs full outer join evident using (client_id, visitor_id, crm_record_id)
"""

_SCORE_SQL = """
with found_pairs as (select distinct client_id, visitor_id, crm_record_id from found),

judged as (
    select found_pairs.*, coalesce(is_right, false) as is_right
    from found_pairs left join pairs using (client_id, visitor_id, crm_record_id)
)

select
    (select count(*) from judged),
    (select count(*) from judged where is_right),
    (select count(*) from pairs where is_recoverable),
    (select count(*) from pairs inner join found_pairs using (client_id, visitor_id, crm_record_id)
     where is_recoverable)
"""
