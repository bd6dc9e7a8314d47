"""One audience as of one build: who is in it now, given who was in it before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import duckdb
import pyarrow as pa

from matchbook.audiences import Definition, compile_box, sampling
from matchbook.kept_audiences.worlds import Opened, registered
from matchbook.sql import name

FROM_THEN_ON = ("enter", "leave", "look_back_days", "count_each_browser", "expires_after_days")
"""What decides who is in: where one of these was changed, everybody enters anew."""

# A browser that belonged to nobody was its own person; once it is matched, the person it belongs
# to takes its place.
_CARRIED = """
create or replace temp table carried as
select coalesce(members.member_key, before.member_key) as member_key,
    min(before.entered_at) as entered_at, bool_and(before.is_expired) as is_expired
from before left join members on before.member_key = members.visitor_key
group by 1
"""

_NOW = """
create or replace temp table now_in as
with candidates as (
    select people.member_key, entering.member_key is not null as enters,
        coalesce(carried.entered_at, $as_of) as entered_at,
        coalesce(carried.is_expired, false) as was_expired
    from people
    left join entering using (member_key)
    left join carried using (member_key)
    where not people.is_suppressed
        and (entering.member_key is not null or ($keeps and not carried.is_expired))
        and people.member_key not in (select member_key from leaving)
),
judged as (
    select *, was_expired or coalesce(entered_at <= $expired_from, false) as is_expired
    from candidates
)
select member_key, entered_at, is_expired,
    (member_key % $prime * $factor + $shift) % $prime < $held_below as is_held_out
from judged where enters or not is_expired
order by member_key
"""

_CHANGES = """
select count(*) filter (now_in.member_key is not null),
    count(*) filter (now_in.member_key is not null and carried.member_key is null),
    count(*) filter (now_in.member_key is not null and carried.member_key is not null),
    count(*) filter (now_in.member_key is null)
from (from now_in where not is_expired) as now_in
full join (from carried where not is_expired) as carried using (member_key)
"""

_REACHABLE = """
select count(distinct cep_contact_id)
from now_in inner join members using (member_key) inner join cep_contacts using (visitor_key)
where is_reachable and not is_expired
"""


@dataclass(frozen=True)
class Evaluation:
    """Who is in it, exact; see `matchbook.kept_audiences.members` for the columns of `rows`."""

    rows: pa.Table
    people: int
    entered: int
    stayed: int
    left: int
    reachable: int


def evaluate(
    opened: Opened,
    definition: Definition,
    *,
    before: pa.Table,
    defined_before: Definition | None,
    salt: str,
) -> Evaluation:
    """Evaluate a definition. `before` is who was in it at the refresh before, under
    `defined_before`; changed rules start anew. Raises AudienceInvalid."""
    connection = opened.connection
    _ask(opened, definition)
    with registered(connection, before=before):
        connection.execute(_CARRIED)
    same = defined_before is not None and _same_rules(definition, defined_before)
    if not same:
        connection.execute(
            "update carried set entered_at = ?, is_expired = false", [opened.world.as_of]
        )
    factor, shift = sampling.mixing(salt)
    days = definition.expires_after_days
    connection.execute(
        _NOW,
        {
            "as_of": opened.world.as_of,
            "keeps": definition.keeps_people and same,
            "expired_from": opened.world.as_of - timedelta(days=days) if days else None,
            "prime": sampling.PRIME,
            "factor": factor,
            "shift": shift,
            "held_below": sampling.threshold(definition.holdout_percent),
        },
    )
    people, entered, stayed, left = _one(connection, _CHANGES)
    (reachable,) = _one(connection, _REACHABLE)
    rows = connection.sql("from now_in").to_arrow_table()
    return Evaluation(rows, people, entered, stayed, left, reachable)


def _ask(opened: Opened, definition: Definition) -> None:
    """Tables of who meets each box."""
    boxes: tuple[tuple[Literal["enter", "leave"], str], ...]
    boxes = (("enter", "entering"), ("leave", "leaving"))
    for box, table in boxes:
        query = compile_box(definition, box, opened.world)
        opened.connection.execute(
            f"create or replace temp table {name(table)} as {query.sql}", query.parameters
        )


def _same_rules(one: Definition, other: Definition) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in FROM_THEN_ON)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    (row,) = connection.execute(sql).fetchall()
    return row
