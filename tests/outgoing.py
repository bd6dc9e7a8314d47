"""A client whose partners are asked by redirect, for tests of the outgoing cookie sync."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from matchbook.registry import Client, ClientPartner, Pixel, Registry, Site
from tests.pixel_lines import DECLARED, SINCE
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
