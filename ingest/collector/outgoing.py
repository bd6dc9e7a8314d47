"""The outgoing half of the cookie sync: a browser goes to the partner and comes back with its id.

As Mapp's DMP does it (its user-sync endpoint): the partner's URL is a template of the registry,
into which goes an address of ours where the partner puts its id for `[[USERID]]`. That address
is signed for one browser and ten minutes, so that nobody can make another's browser bring an id.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from ingest.collector import cookies
from ingest.collector.answers import Answer, gif, redirect, refused
from ingest.collector.attribution import Place, place_of
from ingest.collector.calls import SYNCED
from ingest.collector.hits import Hit
from ingest.collector.sync import place_with_id
from ingest.collector.tracking import decision_of, refuse, track, write
from ingest.collector.validation import flaw
from matchbook.consent import Decision
from matchbook.keys import Ring
from matchbook.user_sync import RETURN_URL, USER_ID

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.collector.calls import Call
    from ingest.collector.collector import Collector

OUT = "/bakery/sync/out"
RETURN = "/bakery/sync/return"

VALID_SECONDS = 600
CLOCK_SKEW = 60
"""Seconds by which the clocks of two collectors may differ."""
REPEAT_AFTER = 259_200
"""Three days: how long a browser is not sent to the same partner again."""

_SECONDS = re.compile(r"[0-9]{1,12}")


def out(collector: Collector, call: Call) -> Answer:
    """GET /bakery/sync/out?[site=]&partner=: to the partner, and from there to `come_back`.

    Only a browser that shows our cookie is sent: one without gets it and is asked once more
    (`again`). What is tracked is written when it comes back, with the partner's id.
    """
    place = flaw(call, ("site", "partner", "again"), ("partner",)) or place_of(
        collector.directory, call, partner=call.parameters["partner"]
    )
    if isinstance(place, str):
        return _refused(collector, call, place)
    decision = decision_of(collector, call, declared=place.is_declared(call.at))
    ours = cookies.visitor_of(collector.keys.cookie, call.cookies)
    if decision.tracked and ours is None and "again" in call.parameters:
        decision = Decision(tracked=False, reason="no_cookie")
    if not decision.tracked:
        hit = Hit(type="sync", site=place.site_text, partner=call.parameters["partner"])
        write(collector, call, hit, decision, ours)
        return gif()
    template = collector.directory.user_sync_urls.get((place.client_id, place.partner_id or ""))
    if template is None:
        return refused("no_user_sync_url")
    if call.is_prefetch or _mark(place) in call.synced:
        return gif()
    said = _said(call, place, decision)
    if ours is None:
        return _once_more(collector.keys.cookie, said, is_partitioned=place.is_partitioned)
    return_url = _return_url(collector.keys.links, call, said, ours)
    attributes = f"Max-Age={REPEAT_AFTER}; Path={OUT}; Secure; HttpOnly; SameSite=None"
    partitioned = "; Partitioned" if place.is_partitioned else ""
    return redirect(
        template.replace(RETURN_URL, quote(return_url, safe="")),
        f"{_mark(place)}=1; {attributes}{partitioned}",
    )


def come_back(collector: Collector, call: Call) -> Answer:
    """GET /bakery/sync/return?[site=]&partner=&ts=&sig=&userid=: the partner's id, a sync.

    The signature holds for the browser that was sent, known by our cookie, and for no other.
    """
    names = ("site", "partner", "ts", "sig", "userid")
    reason = flaw(call, names, names[1:])
    if reason is None and not _is_ours(collector, call):
        reason = "bad_signature"
    place = reason or place_with_id(collector.directory, call, "userid")
    if isinstance(place, str):
        return _refused(collector, call, place)
    hit = Hit(
        type="sync",
        site=place.site_text,
        partner=call.parameters["partner"],
        cookieid=call.parameters["userid"],
    )
    return gif(*track(collector, call, hit, declared=place.is_declared(call.at)).cookies)


def signature(link_key: bytes, said: dict[str, str], visitor_id: str, ts: str) -> str:
    """22 characters, for what a return call says beside the id; in links.py's form.

    What was said about consent is covered too, so that it comes back as it went.
    """
    key = hmac.digest(link_key, b"user sync return", "sha256")
    signed = json.dumps([said, visitor_id, ts], sort_keys=True).encode()
    return base64.urlsafe_b64encode(hmac.digest(key, signed, "sha256")[:16]).decode().rstrip("=")


def _refused(collector: Collector, call: Call, reason: str) -> Answer:
    refuse(collector, call, "sync", reason)
    return refused(reason)


def _said(call: Call, place: Place, decision: Decision) -> dict[str, str]:
    """What goes out and must come back for the same decision: nothing else of the call."""
    said = {"partner": call.parameters["partner"]}
    if place.site_text is not None:
        said["site"] = place.site_text
    if decision.basis == "tcf":
        said |= {"gdpr": "1", "gdpr_consent": call.parameters["gdpr_consent"]}
    elif decision.basis == "gdpr_not_applicable":
        said["gdpr"] = "0"
    return said


def _return_url(link_keys: Ring, call: Call, said: dict[str, str], visitor_id: str) -> str:
    ts = _seconds(call.at)
    sig = signature(link_keys[-1], said, visitor_id, ts)
    return f"https://{call.host}{RETURN}?{_query(said)}&ts={ts}&sig={sig}&userid={USER_ID}"


def _is_ours(collector: Collector, call: Call) -> bool:
    visitor_id = cookies.visitor_of(collector.keys.cookie, call.cookies)
    ts, given = call.parameters["ts"], call.parameters["sig"].encode()
    if visitor_id is None or not _SECONDS.fullmatch(ts):
        return False
    names = ("partner", "site", "gdpr", "gdpr_consent")
    said = {name: call.parameters[name] for name in names if call.parameters.get(name)}
    made = (signature(k, said, visitor_id, ts) for k in collector.keys.links if k)
    is_signed = sum(hmac.compare_digest(wanted.encode(), given) for wanted in made) > 0
    age = int(_seconds(call.at)) - int(ts)
    return is_signed and -CLOCK_SKEW <= age <= VALID_SECONDS


def _query(said: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())


def _once_more(cookie_keys: Ring, said: dict[str, str], *, is_partitioned: bool) -> Answer:
    fresh = cookies.fresh_visitor(partitioned=is_partitioned)
    cookie = cookies.setting(cookie_keys, fresh, partitioned=is_partitioned)
    return redirect(f"{OUT}?{_query(said)}&again=1", cookie)


def _mark(place: Place) -> str:
    """The name of the cookie that says this browser was sent there lately."""
    return f"{SYNCED}{place.client_id}.{place.partner_id}"


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
