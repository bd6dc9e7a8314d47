"""Who is compared with the seed, and who may be on the list."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from matchbook.audiences import compile_audience, of
from matchbook.audiences.conditions import Similar
from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences.worlds import Opened
from matchbook.lookalikes.leaks import Leaks
from matchbook.lookalikes.source import Flags, Numbers

_PEOPLE = """
with known as (select distinct member_key from lookalike_history inner join members
    using (visitor_key) where hit_type = 'page_view')
select member_key,
    member_key in (select member_key from lookalike_seed) as is_seed,
    member_key not in (select member_key from lookalike_seed)
        and member_key not in (select member_key from lookalike_excluded) as is_candidate
from people
where not is_suppressed
    and case $pool when 'matched' then is_matched when 'cep_contact' then has_cep_contact
        when 'cep_reachable' then is_cep_reachable else true end
    and case $only when 'matched' then is_matched when 'cep_contact' then has_cep_contact
        when 'cep_reachable' then is_cep_reachable else true end
    and (not $must_be_known or member_key in (select member_key from known))
order by member_key
"""


@dataclass(frozen=True)
class Crowd:
    """People compared, ascending by key."""

    keys: Numbers
    is_seed: Flags
    is_candidate: Flags
    seed: Numbers
    """All people of the seed, those not compared too."""


def gather(opened: Opened, similar: Similar, leaks: Leaks) -> Crowd:
    """Everybody in the pool who could be compared with the seed. Raises AudienceInvalid.

    Where calls were taken out of histories, people of whom no page view is left are not compared:
    an empty history would tell who did nothing but what the seed asks for.
    """
    definition = opened.world.resolve(similar.seed)
    if definition is not None and definition.similar is not None:
        raise AudienceInvalid(
            "The seed is a lookalike itself.",
            kept="Nothing was changed.",
            todo="Choose an audience of people who did something.",
        )
    connection = opened.connection
    connection.execute("create or replace temp table lookalike_excluded (member_key bigint)")
    for name in similar.exclude:
        _add("insert into lookalike_excluded ", name, opened)
    _add("create or replace temp table lookalike_seed as ", similar.seed, opened)
    found = connection.execute(
        _PEOPLE,
        {"pool": similar.pool, "only": leaks.only, "must_be_known": bool(leaks.actions)},
    ).fetchnumpy()
    return Crowd(
        np.asarray(found["member_key"], dtype=np.int64),
        np.asarray(found["is_seed"], dtype=np.bool_),
        np.asarray(found["is_candidate"], dtype=np.bool_),
        _keys(connection),
    )


def _add(begin: str, audience: str, opened: Opened) -> None:
    definition = of(name="others", enter={"kind": "in_audience", "audience": audience})
    query = compile_audience(definition, opened.world)
    opened.connection.execute(begin + query.sql, query.parameters)


def _keys(connection: duckdb.DuckDBPyConnection) -> Numbers:
    found = connection.execute("select member_key from lookalike_seed order by 1").fetchnumpy()
    return np.asarray(found["member_key"], dtype=np.int64)
