"""A client whose partners are asked by redirect, for tests of the outgoing cookie sync."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from ingest.collector.answers import GIF, Answer
from matchbook.registry import Client, ClientPartner, Pixel, Registry, Site
from matchbook.visitor_cookie import sign
from tests.mailing import Desk, header
from tests.pixel_lines import DECLARED, SINCE, visitor
from tests.tc_strings import VENDOR

PARTNER_HOST = "sync.partner.example"
TEMPLATE = f"https://{PARTNER_HOST}/match?account=7&back={{return_url}}&v=2"
COLLECTOR_HOST = "px.acme.example"

_PIXEL = Pixel(integrations=("snowplow", "piano"), created_at=SINCE, created_by="a tester")

REGISTRY = Registry(
    clients=(
        Client(
            client_id="acme",
            name="Acme",
            collector_hosts=(COLLECTOR_HOST,),
            partners=(
                ClientPartner(partner_id="snowplow", user_sync_url=TEMPLATE),
                ClientPartner(
                    partner_id="piano",
                    codes=("PO_1",),
                    user_sync_url="https://piano.example/?{return_url}",
                ),
                ClientPartner(partner_id="tealium"),
            ),
        ),
        Client(
            client_id="beta", name="Beta", partners=(ClientPartner(partner_id="snowplow"),)
        ),
    ),
    sites=(
        Site(site_id="shop", client_id="acme", name="The shop", consent_declaration=DECLARED,
             pixel=_PIXEL),
        Site(site_id="chips", client_id="acme", name="Chips", consent_declaration=DECLARED,
             pixel=_PIXEL.model_copy(update={"partitioned": True})),
        Site(site_id="blog", client_id="acme", name="Blog"),
        Site(site_id="beta-site", client_id="beta", name="Beta", consent_declaration=DECLARED),
    ),
    tcf_vendor_id=VENDOR,
)  # fmt: skip


def out_url(site: str | None = "shop", partner: str = "snowplow", more: str = "") -> str:
    """The call that sends a browser out."""
    where = f"site={site}&" if site else ""
    return f"/bakery/sync/out?{where}partner={partner}{more}"


def return_url_in(location: str) -> str:
    """Our return URL as the partner reads it from the query it was sent."""
    return dict(parse_qsl(urlsplit(location).query))["back"]


def answered(return_url: str, partner_cookie_id: str) -> str:
    """Path and query of the return call that the partner's redirect leads to."""
    url = urlsplit(return_url.replace("[[USERID]]", partner_cookie_id))
    assert "[[" not in unquote(url.query)
    return f"{url.path}?{url.query}"


def ours(office: Desk, number: int = 7) -> str:
    """The Cookie header of a browser we know."""
    return f"mbid={sign(office.collector.keys.cookie, visitor(number))}"


def sent_out(office: Desk, url: str = "", number: int = 7) -> str:
    """The return URL that a browser we know is sent out with."""
    answer = office.get(url or out_url(), cookie=ours(office, number))
    assert answer.status == 302
    return return_url_in(header(answer, "location") or "")


def is_gif(answer: Answer) -> bool:
    """The pixel, and no redirect."""
    return (answer.status, answer.body, header(answer, "location")) == (200, GIF, None)
