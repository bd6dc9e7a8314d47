"""What e-mails call: tracked links, and the pixel of their browser version.

A person who follows a link of ours always gets to the page; whether they are tracked is a
second question. A link that is not ours leads nowhere: our host must not lend its name to
somebody else's page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.collector import landing
from ingest.collector.answers import Answer, gif, page, redirect, refused
from ingest.collector.directory import in_force
from ingest.collector.hits import Hit
from ingest.collector.targets import TargetRefused, canonical_host, checked_target, host_of
from ingest.collector.tracking import Tracked, refuse, track
from ingest.collector.validation import flaw, is_contact, is_text
from matchbook.links import Link, is_signed
from matchbook.registry import Approval, Client

if TYPE_CHECKING:
    from ingest.collector.calls import Call
    from ingest.collector.collector import Collector

SIGNED = {
    "click": ("client", "contact", "message", "u", "sig"),
    "read": ("client", "contact", "message", "sig"),
}
"""What a link must hold; `consent` and the parameters of TCF may come beside it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_SORRY = (
    "<p>It may have been cut off or changed on its way to you. You have not been sent anywhere, "
    "and nothing about you was stored.</p>"
    "<p>To go on, type the sender's web address into the address bar.</p>"
    '<p lang="nl">Deze link werkt niet: misschien is hij onderweg afgebroken of veranderd. U bent '
    "nergens heen gestuurd en er is niets over u bewaard. Typ het webadres van de afzender in de "
    "adresbalk om verder te gaan.</p>"
)


class _NotOurs(Exception):
    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


def click(collector: Collector, call: Call) -> Answer:
    """GET /bakery/click: to the landing page, tracked if consent and the client's switch allow.

    Without a valid signature and a listed host: a page that leads nowhere (bad_inputs UC01 to
    UC11). With a full disk the redirect stands alone (UC13).
    """
    try:
        link, client = _ours(collector, call, "click")
    except _NotOurs as found:
        return _nowhere(collector, call, "click", found.reason, found.status)
    try:
        target = checked_target(link.target, client, collector.directory.is_our_host)
    except TargetRefused as found:
        return _nowhere(collector, call, "click", found.reason, 400, client)
    plain = redirect(target)
    plain.if_lost = plain
    tracked = _tracked(collector, call, link, client)
    if isinstance(tracked, str) or tracked.visitor_id is None:
        return plain
    if _lands_on_a_pixel(collector, client, target):
        target = _with_token(target, _token(collector, call, link, tracked.visitor_id))
    answer = redirect(target, *tracked.cookies)
    answer.if_lost = plain
    return answer


def read(collector: Collector, call: Call) -> Answer:
    """GET /bakery/read: the pixel of an e-mail's browser version (UC14)."""
    try:
        link, client = _ours(collector, call, "read")
    except _NotOurs as found:
        return _nowhere(collector, call, "read", found.reason, found.status)
    tracked = _tracked(collector, call, link, client)
    return refused(tracked) if isinstance(tracked, str) else gif(*tracked.cookies)


def _ours(collector: Collector, call: Call, kind: str) -> tuple[Link, Client]:
    """The link, if we signed it. The signature is looked at before anything is looked up."""
    names, parameters = SIGNED[kind], call.parameters
    if any(_CONTROL.search(value) for value in parameters.values()):
        raise _NotOurs(400, "bad_param")
    if not call.repeated.isdisjoint(names):
        raise _NotOurs(400, "dup_param")
    if not call.undecodable.isdisjoint(names):
        raise _NotOurs(400, "bad_encoding")
    if not parameters.keys() >= set(names):
        raise _NotOurs(400, "missing_param")
    client_id, contact, message = (parameters[name] for name in ("client", "contact", "message"))
    if not is_contact(contact) or not is_text(message):
        raise _NotOurs(400, "bad_param")
    target = parameters["u"] if kind == "click" else ""
    link = Link(kind, client_id, contact, message, target)
    if not is_signed(collector.keys.links, link, parameters["sig"]):
        raise _NotOurs(404 if _is_anothers(collector, link, call) else 400, "bad_signature")
    client = collector.directory.clients.get(client_id)
    if client is None:
        raise _NotOurs(404, "unknown_client")
    return link, client


def _is_anothers(collector: Collector, link: Link, call: Call) -> bool:
    """Whether we signed it for another client than the one it names."""
    sig, key = call.parameters["sig"], collector.keys.links
    others = [
        Link(link.kind, client_id, link.contact, link.message, link.target)
        for client_id in collector.directory.clients
    ]
    return sum(is_signed(key, other, sig) for other in others) > 0


def _tracked(collector: Collector, call: Call, link: Link, client: Client) -> Tracked | str:
    """Write the hit of one of our links; the reason when what came beside it is not sound."""
    reason = flaw(call, (*SIGNED[link.kind], "consent"))
    consent = call.parameters.get("consent")
    if reason is None and consent not in (None, "0", "1"):
        reason = "bad_param"
    if reason is not None:
        refuse(collector, call, link.kind, reason)
        return reason
    is_on = in_force(_switch(client, link.kind), call.at)
    hit = Hit(
        type=link.kind,
        client=link.client_id,
        contact=link.contact,
        message=link.message,
        page=link.target or None,
    )
    return track(
        collector,
        call,
        hit,
        declared=is_on,
        link_consent=consent,
        switched_on=is_on,
        person_opted_out=collector.contacts.has_opted_out(link.client_id, link.contact),
    )


def _switch(client: Client, kind: str) -> Approval | None:
    if kind == "click":
        return client.dmp_matching_link_click
    return client.dmp_matching_read_message_online


def _lands_on_a_pixel(collector: Collector, client: Client, target: str) -> bool:
    """Whether the landing page's script reads tokens."""
    return any(
        site.client_id == client.client_id
        and landing.has_mail_integration(site)
        and host_of(target) in map(canonical_host, site.hosts)
        for site in collector.registry.sites
    )


def _token(collector: Collector, call: Call, link: Link, visitor_id: str) -> str:
    return landing.token(
        collector.keys,
        client_id=link.client_id,
        contact=link.contact,
        message=link.message,
        visitor_id=visitor_id,
        at=call.at,
    )


def _with_token(target: str, token: str) -> str:
    url, mark, fragment = target.partition("#")
    return f"{url}{'&' if '?' in url else '?'}{landing.PARAMETER}={token}{mark}{fragment}"


def _nowhere(
    collector: Collector,
    call: Call,
    kind: str,
    reason: str,
    status: int,
    client: Client | None = None,
) -> Answer:
    """A page instead of a redirect; of a link we did sign, with a way to the client's site."""
    refuse(collector, call, kind, reason)
    hosts = client.landing_hosts[:1] if client else ()
    ways = [f'<p><a href="https://{host}/">{host}</a></p>' for host in hosts]
    answer = page(status, "This link does not work", _SORRY + "".join(ways))
    answer.if_lost = answer
    return answer
