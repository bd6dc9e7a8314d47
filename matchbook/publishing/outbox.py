"""The outbox: per client and partner the deliverable pairs, and apart from them the gate.

The gate holds the keys that suppressions join on; exporters use it when they send and it goes
no further. A pair is named in it by its place among the pairs as well, and a subject by a number,
so that asking who opted out compares numbers. The account says how many pairs there are and why
each is to go out or not.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from matchbook.files import whole_file
from matchbook.sql import text

PAIRS = """
    select partner_cookie_id, crm_record_id, last_seen_at, cookie_seen_load_seq
    from warehouse.exports.exp_partner_pairs
    where client_id = ? and partner_id = ?
    order by partner_cookie_id, crm_record_id
"""

SUBJECT_KEY = "md5_number_lower(subject_type || ' ' || subject_id)"
"""A subject as a number of 64 bits, the same whenever and wherever it is made."""

GATES = f"""
    with numbered as (
        select partner_cookie_id, crm_record_id,
            row_number() over (order by partner_cookie_id, crm_record_id) - 1 as pair_number
        from warehouse.exports.exp_partner_pairs
        where client_id = $client_id and partner_id = $partner_id
    )
    select partner_cookie_id, crm_record_id, subject_type, subject_id, pair_number,
        {SUBJECT_KEY} as subject_key
    from warehouse.exports.exp_partner_pair_gates
    left join numbered using (partner_cookie_id, crm_record_id)
    where client_id = $client_id and partner_id = $partner_id
    order by partner_cookie_id, crm_record_id, subject_type, subject_id
"""

ACCOUNT = """
    select * exclude (client_id, partner_id) from warehouse.marts.delivery_accounts
    where client_id = ? and partner_id = ?
"""


def write_outbox(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the three files for every partner a client works with, pairs or none."""
    targets = connection.execute(
        "select distinct client_id, partner_id from warehouse.raw.client_partners order by all"
    ).fetchall()
    for client_id, partner_id in targets:
        parameters = [client_id, partner_id]
        own = folder / client_id
        _copy(connection, PAIRS, parameters, own / f"{partner_id}.parquet")
        named = {"client_id": client_id, "partner_id": partner_id}
        _copy(connection, GATES, named, own / f"{partner_id}.gate.parquet")
        _copy(connection, ACCOUNT, parameters, own / f"{partner_id}.account.parquet")


def _copy(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: list[str] | dict[str, str],
    target: Path,
) -> None:
    with whole_file(target) as part:
        connection.execute(f"copy ({query}) to {text(part)} (format parquet)", parameters)
        part.chmod(0o440)
