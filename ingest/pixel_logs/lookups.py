"""What SQL cannot do: signatures, keys and consent, worked out once per distinct value.

Each function fills a temporary table that `outcomes` joins. Secrets stay in Python.
"""

from __future__ import annotations

import hmac
import ipaddress
import json

import duckdb
import pyarrow as pa

from ingest.pixel_logs.attribution import temp_table
from matchbook.consent import Signals, decide
from matchbook.identifiers import (
    EMPTY_SHA256,
    IDENTIFIER_TYPES,
    canonical_sha256,
    identifier_key,
    key_version,
)
from matchbook.keys import Keys
from matchbook.links import sign_link

_IPV4 = "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}"


def look_up(connection: duckdb.DuckDBPyConnection, keys: Keys, *, vendor_id: int | None) -> None:
    """Fill every lookup for the calls in `round_calls`; `vendor_id` is ours at IAB Europe."""
    _ip_prefixes(connection)
    _links(connection, keys)
    _consent(connection, vendor_id)
    _identifiers(connection, keys)


def _ip_prefixes(connection: duckdb.DuckDBPyConnection) -> None:
    values = _distinct(
        connection,
        "select distinct ip from round_calls where reason is null and hit_type is not null "
        f"and ip is not null and not regexp_full_match(ip, '{_IPV4}')",
    )
    columns = {"ip": pa.string(), "ip_prefix": pa.string()}
    temp_table(
        connection, "found_prefixes", columns, [(value, _ipv6_prefix(value)) for value in values]
    )


def ip_prefix(ip: str, found: str) -> str:
    """SQL for the /24 or /48 of an address; `found` is the column looked up for the latter."""
    return (
        f"case when regexp_full_match({ip}, '{_IPV4}') "
        f"then rtrim({ip}, '0123456789') || '0/24' else {found} end"
    )


def _ipv6_prefix(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    network = f"{mapped}/24" if mapped else f"{address}/48"
    return str(ipaddress.ip_network(network, strict=False))


def _links(connection: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    rows = connection.execute(
        "select line_number, hit_type, client_id, contact, message, target, sig from round_calls "
        "where reason is null and hit_type in ('click', 'read') and sig is not null"
    ).fetchall()
    valid = []
    for line_number, kind, client_id, contact, message, target, sig in rows:
        wanted = sign_link(
            keys.links,
            kind=kind,
            client_id=client_id,
            contact=contact,
            message=message,
            target=target,
        )
        if hmac.compare_digest(wanted.encode(), sig.encode()):
            valid.append((line_number,))
    temp_table(connection, "signed_links", {"line_number": pa.int64()}, valid)


def _consent(connection: duckdb.DuckDBPyConnection, vendor_id: int | None) -> None:
    signals = connection.execute(
        "select distinct gdpr, gdpr_consent, gpc, opted_out, link_consent, is_declared, "
        f"{consent_day('round_calls')} from round_calls "
        "where reason is null and hit_type is not null and decision is null"
    ).fetchall()
    rows = []
    for row in signals:
        names = ("gdpr", "gdpr_consent", "gpc", "opted_out", "link_consent", "declared", "at")
        decision = decide(Signals(**dict(zip(names, row, strict=True)), vendor_id=vendor_id))
        rows.append((*row, decision.tracked, decision.basis, decision.reason, decision.withdraws))
    columns = {
        "gdpr": pa.string(),
        "gdpr_consent": pa.string(),
        "gpc": pa.bool_(),
        "opted_out": pa.bool_(),
        "link_consent": pa.string(),
        "is_declared": pa.bool_(),
        "consent_day": pa.timestamp("us"),
        "is_tracked": pa.bool_(),
        "basis": pa.string(),
        "untracked_reason": pa.string(),
        "withdraws": pa.bool_(),
    }
    temp_table(connection, "consent_decisions", columns, rows)


def consent_day(calls: str) -> str:
    """SQL for the day as of which a call's TC string is judged; null without a string."""
    return (
        f"case when {calls}.gdpr_consent is not null "
        f"then date_trunc('day', {calls}.hit_at)::timestamp end"
    )


def _identifiers(connection: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    rows = connection.execute(
        "select line_number, email, phone, postal, identifiers from round_calls "
        "where reason is null and hit_type in ('identify', 'bake')"
    ).fetchall()
    found: list[tuple[int, str | None, str | None, int | None, str | None]] = []
    for line_number, email, phone, postal, segment in rows:
        if segment is not None:
            found += [(line_number, *item) for item in _segment_identifiers(keys, segment)]
        for kind, value in zip(IDENTIFIER_TYPES, (email, phone, postal), strict=True):
            if value is not None:
                found.append((line_number, kind, *_keyed(keys, kind, value)))
    columns = {
        "line_number": pa.int64(),
        "identifier_type": pa.string(),
        "identifier_key": pa.string(),
        "key_version": pa.int32(),
        "reason": pa.string(),
    }
    temp_table(connection, "call_identifiers", columns, sorted(set(found), key=str))


def _keyed(keys: Keys, kind: str, value: str) -> tuple[str | None, int | None, str | None]:
    canonical = canonical_sha256(value)
    if canonical is None:
        return None, None, "bad_hash"
    if canonical == EMPTY_SHA256:
        return None, None, "empty_hash"
    return identifier_key(keys, kind, canonical), key_version(keys), None


def _segment_identifiers(
    keys: Keys, text: str
) -> list[tuple[str | None, str | None, int | None, str | None]]:
    """Keys that our collector made; anything else in their place is refused."""
    bad = (None, None, None, "bad_hash")
    try:
        items = [(item["type"], item["key"], item["key_version"]) for item in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return [bad]
    return [
        (kind, key, version, None) if _is_our_key(keys, kind, key, version) else bad
        for kind, key, version in items
    ]


def _is_our_key(keys: Keys, kind: object, key: object, version: object) -> bool:
    return (
        kind in IDENTIFIER_TYPES
        and isinstance(key, str)
        and len(key) == 64
        and canonical_sha256(key) == key
        and version in range(1, key_version(keys) + 1)
        and not isinstance(version, bool)
    )


def _distinct(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    column = connection.sql(query).to_arrow_table().column(0)
    values: list[str] = column.to_pylist()
    return values
