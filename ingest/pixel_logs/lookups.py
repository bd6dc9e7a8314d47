"""What SQL cannot do: signatures, keys and consent. Secrets stay in Python."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.attribution import temp_table
from ingest.pixel_logs.calls import Identifier
from ingest.pixel_logs.distinct import told_apart
from ingest.pixel_logs.views import Flags
from matchbook.consent import Signals, decide
from matchbook.identifiers import (
    EMPTY_SHA256,
    IDENTIFIER_TYPES,
    canonical_sha256,
    key_version,
    key_versions,
)
from matchbook.keys import Keys
from matchbook.links import sign_links

_DIGITS = "0123456789"
_IPV4_HEAD = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.")


def ip_prefixes(addresses: pa.Array) -> pa.Array:
    """The /24 or /48 of each address; null for what is none."""
    # Of an IPv4 address, what stands before its last number is the network's.
    heads = pc.ascii_rtrim(addresses, _DIGITS)
    last = pc.subtract(pc.binary_length(addresses), pc.binary_length(heads))
    is_number = pc.and_(pc.greater(last, 0), pc.less_equal(last, 3))
    heads = pc.if_else(is_number, heads, pa.scalar(None, pa.string()))
    found = _once(heads, lambda text: f"{text}0/24" if _IPV4_HEAD.fullmatch(text) else None)
    rest = pc.if_else(found.is_null(), addresses, pa.scalar(None, pa.string()))
    return told_apart(pc.coalesce(found, _once(rest, _ipv6_prefix)))


def _once(texts: pa.Array, say: Callable[[str], str | None]) -> pa.Array:
    """What is to be said of each text, worked out once for those that are equal."""
    found = texts.dictionary_encode()
    return pa.array(map(say, found.dictionary.to_pylist()), pa.string()).take(found.indices)


def _ipv6_prefix(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    network = f"{mapped}/24" if mapped else f"{address}/48"
    return str(ipaddress.ip_network(network, strict=False))


def signed_links(keys: Keys, links: Mapping[str, pa.Array]) -> Flags:
    """Which of the calls of e-mail links carry our signature; a part may be null."""
    names = ("hit_type", "client", "contact", "message")
    parts = [links[name].fill_null("").to_pylist() for name in (*names, "u")]
    is_signed = pa.array([False] * len(parts[0]), pa.bool_())
    for key in filter(None, keys.links):
        wanted = pa.array(sign_links(key, zip(*parts, strict=True)), pa.string())
        is_signed = pc.or_(is_signed, pc.equal(wanted, links["sig"]).fill_null(False))
    for name in names:
        is_signed = pc.and_(is_signed, links[name].is_valid())
    flags: Flags = is_signed.to_numpy(zero_copy_only=False)
    return flags


def consent(connection: duckdb.DuckDBPyConnection, *, vendor_id: int | None) -> None:
    """Fill `consent_decisions` for `round_calls`; `vendor_id` is ours at IAB Europe."""
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


def identifiers(keys: Keys, calls: list[int], hashes: Mapping[str, pa.Array]) -> list[Identifier]:
    """The identifiers that came with `calls`, in their order, as hashes of e-mail and so on."""
    columns = (hashes[name].to_pylist() for name in ("email", "phone", "postal"))
    return [
        Identifier(call, kind, *_keyed(keys, kind, value))
        for call, *row in zip(calls, *columns, strict=True)
        for kind, value in zip(IDENTIFIER_TYPES, row, strict=True)
        if value is not None
    ]


def segment_identifiers(keys: Keys, calls: list[int], texts: list[str]) -> list[Identifier]:
    """The identifiers that our collector noted with `calls`, in their order, each once."""
    return [
        Identifier(call, *item)
        for call, text in zip(calls, texts, strict=True)
        for item in dict.fromkeys(_segment_identifiers(keys, text))
    ]


def worst_faults(found: list[Identifier], count: int) -> pa.Array:
    """For each of `count` calls, what is wrong with an identifier of it."""
    faults: list[str | None] = [None] * count
    for item in found:
        if item.fault is not None:
            faults[item.call] = max(item.fault, faults[item.call] or "")
    return pa.array(faults, pa.string())


_Keyed = tuple[str | None, int | None, str | None, tuple[str, ...]]


def _keyed(keys: Keys, kind: str, value: str) -> _Keyed:
    canonical = canonical_sha256(value)
    if canonical is None:
        return None, None, "bad_hash", ()
    if canonical == EMPTY_SHA256:
        return None, None, "empty_hash", ()
    *past, key = key_versions(keys, kind, canonical)
    return key, key_version(keys), None, tuple(past)


def _segment_identifiers(keys: Keys, text: str) -> list[tuple[str | None, *_Keyed]]:
    """Keys that our collector made, in their newest version; anything else is refused."""
    bad = (None, None, None, "bad_hash", ())
    try:
        items = [(item["type"], item["key"], item["key_version"]) for item in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return [bad]
    return [
        _newest(keys, kind, key, version) if _is_our_key(keys, kind, key, version) else bad
        for kind, key, version in items
    ]


def _newest(keys: Keys, kind: str, key: str, version: int) -> tuple[str, *_Keyed]:
    """A collector that was started before a rotation makes keys of the version it knows."""
    *past, newest = [key, *key_versions(keys, kind, key, above=version)]
    return kind, newest, key_version(keys), None, tuple(past)


def _is_our_key(keys: Keys, kind: object, key: object, version: object) -> bool:
    return (
        kind in IDENTIFIER_TYPES
        and isinstance(key, str)
        and len(key) == 64
        and canonical_sha256(key) == key
        and version in range(1, key_version(keys) + 1)
        and not isinstance(version, bool)
    )
