"""The landing token: ties a clicked e-mail to the browser also where our cookie is blocked.

A tracked link adds it to the landing URL of sites with the integration Mapp Digital – Email.
The site's script takes it from the address bar at once, reports it here and sends it with
the calls of that page view. It is encrypted, so that nobody along the way reads whose it is,
and valid for ten minutes.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ingest.collector import cookies
from ingest.collector.answers import Answer, gif, refused
from ingest.collector.directory import in_force
from ingest.collector.hits import Hit
from ingest.collector.tracking import refuse, track
from ingest.collector.validation import flaw
from matchbook.keys import Keys, Ring
from matchbook.registry import MAPP_EMAIL, Client, Site

if TYPE_CHECKING:
    from ingest.collector.calls import Call
    from ingest.collector.collector import Collector

PARAMETER = "mbt"
"""In the landing URL; in calls of the script it is `t`."""

VALID_SECONDS = 600

_FORM = re.compile(r"[A-Za-z0-9_-]{100,1000}={0,2}")


@dataclass(frozen=True)
class LandingToken:
    """Which click led here."""

    client_id: str
    contact: str
    message: str
    visitor_id: str


def token(
    keys: Keys, *, client_id: str, contact: str, message: str, visitor_id: str, at: datetime
) -> str:
    """A token that is valid for ten minutes from `at`."""
    content = json.dumps([client_id, contact, message, visitor_id], separators=(",", ":"))
    return _fernet(keys.links).encrypt_at_time(content.encode(), int(at.timestamp())).decode()


def read(keys: Keys, text: str, at: datetime) -> LandingToken | None:
    """What a token says; None when it is not ours, was changed, or is too old."""
    if not _FORM.fullmatch(text):
        return None
    try:
        content = _fernet(keys.links).decrypt_at_time(text, VALID_SECONDS, int(at.timestamp()))
    except InvalidToken:
        return None
    return LandingToken(*json.loads(content))


def land(collector: Collector, call: Call) -> Answer:
    """GET /bakery/land?site=&t=: the script of a landing page reports its token.

    A browser that the click has not tied yet gets a click of its own: one whose cookie here
    is another, or that has none where one can be set (the client's own host, or a site with
    partitioned cookies). Elsewhere `t` says whose the page view is, and nothing is left.
    """
    found = _landed(collector, call)
    if isinstance(found, str):
        refuse(collector, call, "click", found)
        return refused(found)
    landed, site, client = found
    is_partitioned = site.pixel is not None and site.pixel.partitioned
    if not _is_new_browser(collector, call, landed, is_partitioned=is_partitioned):
        return gif()
    is_on = in_force(client.dmp_matching_link_click, call.at)
    hit = Hit(type="click", client=landed.client_id, contact=landed.contact, message=landed.message)
    tracked = track(
        collector,
        call,
        hit,
        declared=is_on,
        switched_on=is_on,
        person_opted_out=collector.contacts.has_opted_out(landed.client_id, landed.contact),
        partitioned=is_partitioned,
    )
    return gif(*tracked.cookies)


def visitor_of(collector: Collector, call: Call, client_id: str) -> str | None:
    """Whose call it is by its landing token; None without a valid one of this client."""
    text = call.parameters.get("t")
    found = read(collector.keys, text, call.at) if text else None
    return found.visitor_id if found is not None and found.client_id == client_id else None


def has_mail_integration(site: Site) -> bool:
    """Whether the site's script reads landing tokens."""
    return site.pixel is not None and MAPP_EMAIL in site.pixel.integrations


def _landed(collector: Collector, call: Call) -> tuple[LandingToken, Site, Client] | str:
    reason = flaw(call, ("site", "t"), ("site", "t"))
    if reason is not None:
        return reason
    site = collector.directory.sites.get(call.parameters["site"])
    if site is None or not has_mail_integration(site):
        return "unknown_site"
    found = read(collector.keys, call.parameters["t"], call.at)
    if found is None:
        return "bad_token"
    if found.client_id != site.client_id:
        return "client_conflict"
    return found, site, collector.directory.clients[site.client_id]


def _is_new_browser(
    collector: Collector, call: Call, landed: LandingToken, *, is_partitioned: bool
) -> bool:
    ours = cookies.visitor_of(collector.keys.cookie, call.cookies)
    if ours is not None:
        return ours != landed.visitor_id
    is_clients_host = collector.directory.client_hosts.get(call.host) == landed.client_id
    return is_partitioned or is_clients_host


@lru_cache(maxsize=4)
def _fernet(link_keys: Ring) -> MultiFernet:
    """The newest key makes tokens, all that are not retired open them."""
    made = (hmac.digest(key, b"landing token", "sha256") for key in link_keys[::-1] if key)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])
