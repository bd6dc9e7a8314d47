"""People of a client's snapshot as rows of numbers, made in SQL.

Values are plain counts and ages: trees ask only what is more and what is less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from matchbook.disclosure import SHOWN_FROM
from matchbook.kept_audiences.worlds import registered
from matchbook.lookalikes.features import COUNTS, CRM, Feature, columns_of, fixed_features
from matchbook.lookalikes.leaks import Leaks
from matchbook.lookalikes.source import Matrix, Numbers, slices

MOST = {
    "site": 20,
    "section": 60,
    "event": 25,
    "device_type": 6,
    "browser": 8,
    "operating_system": 8,
    "referrer": 15,
    "number": 20,
    "yes_no": 15,
    "date": 8,
    "text": 30,
}
"""Values of each family that become features, the commonest first."""  # fmt: skip

_CATALOG = """
with found as (
    select 'site' as family, '' as attribute, site_id as value,
        approx_count_distinct(visitor_key) as people
    from lookalike_history where hit_type = 'page_view' and site_id <> '' group by site_id
    union all
    select 'section', '', section, approx_count_distinct(visitor_key)
    from lookalike_history where hit_type = 'page_view' and section <> '' group by section
    union all
    select 'event', '', event_name, approx_count_distinct(visitor_key)
    from lookalike_history where hit_type = 'event' and event_name <> '' group by event_name
    union all
    select 'device_type', '', last_device_type, count(*) from visitors group by all
    union all
    select 'browser', '', last_browser, count(*) from visitors group by all
    union all
    select 'operating_system', '', last_operating_system, count(*) from visitors group by all
    union all
    select 'referrer', '', last_referrer_host, count(*) from visitors group by all
    union all
    select case attribute_type when 'number' then 'number' when 'boolean' then 'yes_no'
        else 'date' end, '', attribute, count(*)
    from people_attributes where attribute_type in ('number', 'boolean', 'date') group by all
    union all
    select 'text', attribute, value, count(*) from people_attributes
    where attribute_type = 'text' group by all
)
select family, value, attribute from found
where value <> '' and people >= $least
qualify row_number() over (partition by family order by people desc, value, attribute)
    <= case family {limits} end
order by family, attribute, value
"""

_ROWS = """
with acted as materialized (
    select member_key, history.* exclude (visitor_key)
    from lookalike_history as history inner join members using (visitor_key)
    where member_key in (select member_key from wanted)
),
sums as (
    select member_key, sum(hits) as hits,
        sum(hits) filter (hit_type = 'page_view') as page_views,
        sum(hits) filter (hit_type = 'event') as events,
        sum(hits) filter (hit_type = 'identify') as identifies,
        count(distinct hit_date) as days,
        count(distinct hit_date) filter (hit_date > days.last - 7) as days_7,
        count(distinct hit_date) filter (hit_date > days.last - 30) as days_30,
        max(days.last) - max(hit_date) as last,
        max(days.last) - min(hit_date) as first
    from acted cross join lookalike_days as days group by member_key
),
flags as (
    select member_key, browsers, is_matched::int as matched, has_cep_contact::int as cep_contact,
        is_cep_reachable::int as cep_reachable
    from people where member_key in (select member_key from wanted)
),
looks as (
    select member_key, last_device_type, last_browser, last_operating_system, last_referrer_host
    from visitors where member_key in (select member_key from wanted)
),
cells as (
    select member_key, 'site' as family, site_id as value, '' as attribute, hits::double as number
    from acted where hit_type = 'page_view'
    union all
    select member_key, 'section', section, '', hits from acted where hit_type = 'page_view'
    union all
    select member_key, 'event', event_name, '', hits from acted where hit_type = 'event'
    union all
    select member_key, 'mail', hit_type, '', hits from acted where hit_type in ('click', 'read')
    union all
    select member_key, 'weekday', isodow(hit_date)::varchar, '', hits from acted
    union all
    select member_key, 'part_of_day', case when hour < 6 then 'night' when hour < 12
        then 'morning' when hour < 18 then 'afternoon' else 'evening' end, '', hits from acted
    union all
    select member_key, case when what in ('last', 'first') then 'recency' else 'activity' end,
        what, '', number::double
    from (unpivot sums on columns(* exclude (member_key))::double into name what value number)
    union all
    select member_key, 'contact', what, '', number
    from (unpivot flags on columns(* exclude (member_key))::double into name what value number)
    union all
    select distinct member_key, 'device_type', last_device_type, '', 1 from looks
    union all
    select distinct member_key, 'browser', last_browser, '', 1 from looks
    union all
    select distinct member_key, 'operating_system', last_operating_system, '', 1 from looks
    union all
    select distinct member_key, 'referrer', last_referrer_host, '', 1 from looks
    union all
    select member_key, case attribute_type when 'number' then 'number' when 'boolean' then 'yes_no'
            when 'date' then 'date' else 'text' end,
        case attribute_type when 'text' then value else attribute end,
        case attribute_type when 'text' then attribute else '' end,
        case attribute_type when 'number' then value_number when 'text' then 1
            when 'boolean' then value_boolean::int else days.last - value_date end::double
    from people_attributes cross join lookalike_days as days
    where member_key in (select member_key from wanted)
)
select member_key, position, sum(number)::float as number
from cells inner join lookalike_features using (family, value, attribute)
group by member_key, position
"""

_LIMITS = " ".join(f"when '{family}' then {most}" for family, most in MOST.items())


@dataclass(frozen=True)
class PeopleSource:
    """People of a snapshot on which `create_history` has been called."""

    connection: duckdb.DuckDBPyConnection
    keys: Numbers
    features: tuple[Feature, ...]
    as_shares: bool
    """Calls count as a share of all of a person's."""

    def rows(self, positions: Numbers) -> Matrix:
        """One row per person; what the CRM does not say is not a number."""
        return self._of(self.keys[positions])

    def batches(self) -> Iterator[tuple[slice, Matrix]]:
        """All of them."""
        for part in slices(len(self.keys)):
            yield part, self._of(self.keys[part])

    def _of(self, keys: Numbers) -> Matrix:
        with registered(self.connection, wanted=pa.table({"member_key": keys})):
            found = self.connection.sql(_ROWS).to_arrow_table()
        matrix = np.zeros((len(keys), len(self.features)), dtype=np.float32)
        matrix[:, columns_of(self.features, CRM - {"text"})] = np.nan
        row = np.searchsorted(keys, found["member_key"].to_numpy())
        matrix[row, found["position"].to_numpy()] = found["number"].to_numpy()
        return _shares(matrix, self.features) if self.as_shares else matrix


def people_source(
    connection: duckdb.DuckDBPyConnection, keys: Numbers, leaks: Leaks
) -> PeopleSource:
    """What these people can be told apart by, but for what gives the seed away."""
    known = (*fixed_features(), *_catalog(connection))
    used = tuple(feature for feature in known if not leaks.hides(feature))
    table = pa.table(
        {
            "position": pa.array(range(len(used)), pa.int32()),
            "family": [feature.family for feature in used],
            "value": [feature.value for feature in used],
            "attribute": [feature.attribute for feature in used],
        }
    )
    with registered(connection, given=table):
        connection.execute("create or replace temp table lookalike_features as from given")
    return PeopleSource(connection, keys, used, leaks.uses_volume)


def _catalog(connection: duckdb.DuckDBPyConnection) -> list[Feature]:
    sql = _CATALOG.replace("{limits}", _LIMITS)
    found = connection.execute(sql, {"least": SHOWN_FROM}).fetchall()
    return [Feature(family, value, attribute) for family, value, attribute in found]


def _shares(matrix: Matrix, features: tuple[Feature, ...]) -> Matrix:
    """Within each family of counts, of all that is counted there."""
    for family in sorted(COUNTS):
        columns = columns_of(features, frozenset({family}))
        if columns:
            total = matrix[:, columns].sum(axis=1, keepdims=True)
            matrix[:, columns] /= np.maximum(total, 1)
    return matrix
