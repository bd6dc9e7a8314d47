"""Cookie sync: a partner's cookie id meets our visitor id. partners.md 1.4."""

from __future__ import annotations

from ingest.collector.answers import Answer, gif, refused
from ingest.collector.attribution import Place, place_of
from ingest.collector.calls import Call, raw_parameter
from ingest.collector.collector import Collector
from ingest.collector.cookie_ids import refusal
from ingest.collector.directory import Directory
from ingest.collector.hits import Hit, host_of
from ingest.collector.landing import visitor_of
from ingest.collector.tracking import refuse, track
from ingest.collector.validation import flaw

NAMES = ("site", "partner", "cookieid", "parcid", "read")


def sync(collector: Collector, call: Call) -> Answer:
    """GET /bakery/sync/dmpsyncendpoint. What `read=true` means is undocumented: it is refused."""
    place = place_of_sync(collector.directory, call)
    if isinstance(place, str):
        site, partner = _known(collector.directory, call)
        refuse(collector, call, "sync", place, site=site, partner=partner)
        return refused(place)
    parameters = call.parameters
    hit = Hit(
        type="sync",
        site=place.site_text,
        partner=parameters["partner"],
        cookieid=parameters.get("cookieid", parameters.get("parcid")),
        referrer=host_of(call.referrer),
    )
    tracked = track(
        collector,
        call,
        hit,
        declared=place.is_declared(call.at),
        visitor=visitor_of(collector, call, place.client_id),
        partitioned=place.is_partitioned,
    )
    return gif(tracked.cookie) if tracked.cookie else gif()


def place_of_sync(directory: Directory, call: Call) -> Place | str:
    """The place of a sync call, or the reason why it is refused."""
    parameters = call.parameters
    name = "cookieid" if "cookieid" in parameters else "parcid"
    came_twice = name == "cookieid" and "parcid" in parameters
    reason = flaw(call, NAMES, ("partner", "read", name), came_twice=came_twice)
    if reason is not None:
        return reason
    if parameters["read"] != "false":
        return "bad_param"
    return place_with_id(directory, call, name)


def place_with_id(directory: Directory, call: Call, name: str) -> Place | str:
    """The place of a call whose parameter `name` is the partner's id, or why it is refused."""
    parameters = call.parameters
    value = parameters[name]
    place = place_of(directory, call, partner=parameters["partner"])
    if isinstance(place, str):
        return place
    raw = raw_parameter(call, name) if "%" in call.query else value
    agreed = directory.agreed_forms.get((place.client_id, place.partner_id or ""))
    return refusal(place.partner_id or "", raw or "", value, agreed) or place


def _known(directory: Directory, call: Call) -> tuple[str, str]:
    """The site and the partner that a refused call named, as far as the registry knows them."""
    site = directory.sites.get(call.parameters.get("site", ""))
    code = directory.codes.get(call.parameters.get("partner", ""))
    return site.site_id if site else "", code.partner_id if code else ""
