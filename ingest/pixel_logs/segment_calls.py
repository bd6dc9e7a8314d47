"""The calls in a collector's segment: each is of its own kind, for the collector judged it."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs import lookups, values
from ingest.pixel_logs.agreed_forms import AgreedForms
from ingest.pixel_logs.calls import KIND_COLUMNS, OWN_COLUMNS, Calls, Identifier, time_reasons
from ingest.pixel_logs.cookie_ids import EMAIL
from ingest.pixel_logs.distinct import Columns, asked, asked_once, joined, spread
from ingest.pixel_logs.formats import SEGMENT_KEYS, parsed_at
from ingest.pixel_logs.parameters import PATHS
from matchbook.keys import Keys
from matchbook.sql import text


def segment_calls(
    connection: duckdb.DuckDBPyConnection,
    keys: Keys,
    agreed: AgreedForms,
    parameters: dict[str, Any],
) -> Calls:
    """Read calls from `sound_lines`, making `round_kinds`; `parameters`: $oldest and $host."""
    found = connection.sql(_SEGMENT, params=parameters).to_arrow_table()
    columns = {name: joined(found[name]) for name in found.column_names}
    count = len(found)
    identifiers = _identifiers(keys, columns)
    columns |= _cookies(connection, columns)
    ids = columns["partner_cookie_id"]
    columns["agreed_by"] = agreed.fitting(connection, columns["partner"], ids)
    columns |= asked_once(connection, {"page": columns["page"]}, values.SEGMENT_PAGES)
    columns |= {
        "kind": pa.array(np.arange(count)),
        "has_visitor": columns["visitor_id"].is_valid(),
        "is_signed": pa.repeat(False, count),
        "identifier_fault": lookups.worst_faults(identifiers, count),
    }
    connection.register("found", pa.table({name: columns[name] for name in KIND_COLUMNS}))
    connection.execute("create or replace temp table round_kinds as from found")
    connection.unregister("found")
    own = {name: columns[name] for name in OWN_COLUMNS}
    return Calls(own, np.arange(count), identifiers)


def _cookies(connection: duckdb.DuckDBPyConnection, columns: Columns) -> Columns:
    rows = np.flatnonzero(pc.equal(columns["hit_type"], "sync").fill_null(False))
    given = {name: columns[name].take(pa.array(rows)) for name in ("partner", "cookieid")}
    found = spread(asked(connection, given, values.SEGMENT_COOKIES), rows, len(columns["partner"]))
    return {
        "partner_cookie_id": found["cookie_form"],
        "cookie_fault": found["cookie_fault"],
        "is_other_form": found["is_other_form"].fill_null(False),
    }


def _identifiers(keys: Keys, columns: Columns) -> list[Identifier]:
    kinds = pa.array(("identify", "bake"))
    rows = np.flatnonzero(pc.is_in(columns["hit_type"], kinds))
    texts = columns["identifiers"].take(pa.array(rows)).to_pylist()
    return lookups.segment_identifiers(keys, rows.tolist(), texts)


def _reason() -> str:
    types = ", ".join(text(kind) for kind in PATHS.values())
    return f"""case
        when not is_log_line then 'unparseable'
        when regexp_full_match(refused, '[a-z_]{{1,40}}') then refused
        when regexp_matches(concat_ws(' ', page, event, message, contact, cookieid),
            {text(EMAIL)}) then 'personal_data'
        {time_reasons()}
        when not coalesce(regexp_full_match(hit_id, '[0-9a-f]{{32}}'), false) then 'bad_param'
        when type is null or type not in ({types}) then 'bad_param'
        when decision is null or decision not in ('tracked', 'untracked', 'withdraw')
            then 'bad_param'
        when not coalesce(regexp_full_match(visitor, '[0-9a-f]{{32}}'), true) then 'bad_param'
        when type = 'bake' and publisher is null then 'missing_param'
        when decision <> 'tracked' then null
        when type = 'sync' and (partner is null or cookieid is null) then 'missing_param'
        when type in ('click', 'read') and (client is null or contact is null) then 'missing_param'
        when type in ('identify', 'bake') and coalesce(identifiers, '[]') = '[]'
            then 'missing_param'
        when type = 'event' and event is null then 'missing_param'
        when type = 'event' and not {values.matches("event", values.EVENT_RULE)} then 'bad_param'
        when type in ('click', 'read') and not {values.contact_is_good()} then 'bad_param'
    end"""


def _segment() -> str:
    fields = ", ".join(f"fields[{n}] as {key}" for n, key in enumerate(SEGMENT_KEYS, 1))
    paths = ", ".join(f"'$.{key}'" for key in SEGMENT_KEYS)
    return f"""
select line_number,
    {_reason()} as reason,
    type as hit_type, hit_id, hit_at, nullif(site, '') as site, publisher, client, partner,
    cookieid,
    case when type in ('click', 'read') then try_cast(contact as bigint) end as cep_contact_id,
    case when type in ('click', 'read') then message end as message_id,
    event as event_name, page,
    case when decision is not null then lower(referrer) end as referrer_host,
    coalesce(identifiers, '[]') as identifiers,
    null::varchar as gdpr, null::varchar as gdpr_consent, null::varchar as link_consent,
    false as gpc, false as opted_out,
    coalesce(lower(regexp_replace(host, ':[0-9]*$', '')), $host) as host,
    ip_prefix, visitor as visitor_id, decision, basis, reason as untracked_reason,
    device as device_type, browser, os as operating_system,
    coalesce(bot = 'true', false) as is_bot, coalesce(prefetch = 'true', false) as is_prefetch
from (
    select *, {parsed_at('"at"')} as hit_at
    from (
        select line_number, coalesce(fields[1] = '1', false) as is_log_line, {fields}
        from (
            select line_number, case when json_valid(line)
                then json_extract_string(line, [{paths}]) end as fields
            from sound_lines
        )
    )
)
order by line_number
"""


_SEGMENT = _segment()
