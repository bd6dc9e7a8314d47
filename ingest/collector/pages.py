"""Calls of the on-site pixel and of publishers: page views, events, identify and bake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.collector.answers import Answer, gif, refused
from ingest.collector.attribution import place_of
from ingest.collector.calls import Call
from ingest.collector.collector import Collector
from ingest.collector.directory import in_force
from ingest.collector.hits import Hit, host_of
from ingest.collector.landing import visitor_of
from ingest.collector.tracking import refuse, track
from ingest.collector.validation import flaw, is_text, is_web_url
from matchbook.identifiers import (
    EMPTY_SHA256,
    IDENTIFIER_TYPES,
    canonical_sha256,
    key_versions,
)


@dataclass(frozen=True, slots=True)
class Keyed:
    """The identifiers of a call, by type."""

    newest: tuple[tuple[str, str], ...]
    is_erased: bool


NOBODY = Keyed((), is_erased=False)


def page(collector: Collector, call: Call) -> Answer:
    """GET /bakery/page?site=&u=[&r=]: a page was looked at."""
    reason = flaw(call, ("site", "u", "r"), ("u",))
    referrer = host_of(call.parameters.get("r", ""))
    hit = Hit(type="page_view", page=call.parameters.get("u"), referrer=referrer)
    return _on_site(collector, call, hit, reason)


def event(collector: Collector, call: Call) -> Answer:
    """GET /bakery/event?site=&name=[&u=]: something happened on a page."""
    reason = flaw(call, ("site", "name", "u"), ("name",))
    name = call.parameters.get("name", "")
    if reason is None and not is_text(name):
        reason = "bad_param"
    hit = Hit(
        type="event",
        event=name,
        page=call.parameters.get("u"),
        referrer=host_of(call.referrer) if call.referrer else None,
    )
    return _on_site(collector, call, hit, reason)


def identify(collector: Collector, call: Call) -> Answer:
    """GET /bakery/identify?site=&email=[&phone=&postal=&u=]: who is here, hashed in the browser."""
    reason = flaw(call, ("site", *IDENTIFIER_TYPES, "u")) or _without_identifier(call)
    hit = Hit(
        type="identify",
        page=call.parameters.get("u"),
        referrer=host_of(call.referrer) if call.referrer else None,
    )
    return _on_site(collector, call, hit, reason)


def bake(collector: Collector, call: Call) -> Answer:
    """GET /bakery/bake?publisher=&email=[&phone=&postal=]: a publisher's log-in."""
    reason = flaw(call, ("publisher", *IDENTIFIER_TYPES), ("publisher",))
    if reason := reason or _without_identifier(call):
        return _refused(collector, call, "bake", reason)
    publisher = collector.directory.publishers.get(call.parameters["publisher"])
    if publisher is None:
        return _refused(collector, call, "bake", "unknown_publisher")
    keyed = _keyed(collector, call, publisher.client_ids)
    if isinstance(keyed, str):
        return _refused(collector, call, "bake", keyed)
    hit = Hit(
        type="bake",
        publisher=publisher.publisher_id,
        referrer=host_of(call.referrer) if call.referrer else None,
        identifiers=keyed.newest,
    )
    declared = in_force(publisher.consent_declaration, call.at)
    tracked = track(collector, call, hit, declared=declared, person_opted_out=keyed.is_erased)
    return gif(*tracked.cookies)


def _on_site(collector: Collector, call: Call, hit: Hit, reason: str | None) -> Answer:
    if reason is None and hit.page is not None and not is_web_url(hit.page):
        reason = "bad_param"
    place = reason or place_of(collector.directory, call)
    if isinstance(place, str):
        return _refused(collector, call, hit.type, place)
    keyed = _keyed(collector, call, (place.client_id,)) if hit.type == "identify" else NOBODY
    if isinstance(keyed, str):
        return _refused(collector, call, hit.type, keyed)
    hit.site, hit.identifiers = place.site_text, keyed.newest
    tracked = track(
        collector,
        call,
        hit,
        declared=place.is_declared(call.at),
        visitor=visitor_of(collector, call, place.client_id),
        partitioned=place.is_partitioned,
        person_opted_out=keyed.is_erased,
    )
    return gif(*tracked.cookies)


def _refused(collector: Collector, call: Call, hit_type: str, reason: str) -> Answer:
    refuse(collector, call, hit_type, reason)
    return refused(reason)


def _without_identifier(call: Call) -> str | None:
    return None if any(kind in call.parameters for kind in IDENTIFIER_TYPES) else "missing_param"


def _keyed(collector: Collector, call: Call, clients: Sequence[str]) -> Keyed | str:
    """The identifier keys of a call, made before anything is written; or what is wrong with one.

    Who was erased before a rotation is known by a key of an earlier version, and only here.
    """
    found: list[tuple[str, list[str]]] = []
    flaws = []
    for kind in IDENTIFIER_TYPES:
        value = call.parameters.get(kind)
        if value is None:
            continue
        canonical = canonical_sha256(value)
        if canonical is None:
            flaws.append("bad_hash")
        elif canonical == EMPTY_SHA256:
            flaws.append("empty_hash")
        else:
            found.append((kind, key_versions(collector.keys, kind, canonical)))
    if flaws:
        return max(flaws)
    known = [key for _, versions in found for key in versions]
    newest = tuple((kind, versions[-1]) for kind, versions in found)
    return Keyed(newest, collector.contacts.is_erased(clients, known))
