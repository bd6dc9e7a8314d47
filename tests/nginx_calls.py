"""Calls that reach nginx: which it answers itself, and which are the collector's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from matchbook.keys import Keys
from tests import pixel_lines
from tests.pixel_lines import PAGE, cookie
from tests.tc_strings import ALLOW, FIXTURES, VENDOR

NGINX, COLLECTOR = "nginx", "collector"
REGISTRY = pixel_lines.REGISTRY.model_copy(update={"tcf_vendor_id": VENDOR})

SYNC = "/bakery/sync/dmpsyncendpoint?"
BASE = SYNC + "site=shop&partner=snowplow&cookieid={id}&read=false"
PIANO = "%7B%22browserId%22%3A%22kx2t{number}abcdefgh%22%7D"
NO_PURPOSE, NO_VENDOR = FIXTURES["no-purpose-1"][0], FIXTURES["no-vendor"][0]
OUTDATED = FIXTURES["policy-2"][0]


@dataclass
class Case:
    """One call; in `cookie` {mbid} is a cookie of ours and {other} another."""

    number: int
    name: str
    url: str
    answered_by: str
    cookie: str | None = "mbid={mbid}"
    headers: tuple[tuple[str, str | bytes], ...] = ()
    method: str = "GET"
    is_logged: bool = True

    def send(self, get: Callable[..., Any], keys: Keys) -> Any:
        """Send it with `get`."""
        headers = list(self.headers)
        if self.cookie is not None:
            own, other = cookie(keys, self.number), cookie(keys, self.number + 1)
            headers.append(("cookie", self.cookie.format(mbid=own, other=other)))
        return get(self.url, headers=headers, method=self.method)


# Name, URL and what else differs from a plain call; {id} becomes an id of the call's own.
_BY_NGINX: list[tuple[str, str, dict[str, Any]]] = [
    ("plain", BASE, {}),
    ("without a site", SYNC + "partner=PO_1&cookieid={id}&read=false", {}),
    ("parcid", SYNC + "site=shop&partner=PO_1&parcid={id}&read=false", {}),
    ("encoded id", SYNC + f"site=shop&partner=PO_1&parcid={PIANO}&read=false", {}),
    ("a site by name", BASE.replace("site=shop", "site=Shop"), {}),
    ("other cookies", BASE, {"cookie": "_ga=GA1.2.3; mbid={mbid}; m=1; email=mb"}),
    ("no declaration", BASE.replace("site=shop", "site=blog"), {}),
    ("no consent", BASE + "&gdpr=1", {}),
    ("gdpr does not apply", BASE + "&gdpr=0", {}),
    ("consent", BASE + f"&gdpr=1&gdpr_consent={ALLOW}", {}),
    ("consent alone", BASE + f"&gdpr_consent={ALLOW}", {}),
    ("refusal by purpose", BASE + f"&gdpr=1&gdpr_consent={NO_PURPOSE}", {}),
    ("refusal by vendor", BASE + f"&gdpr=1&gdpr_consent={NO_VENDOR}", {}),
    ("outdated", BASE + f"&gdpr=1&gdpr_consent={OUTDATED}", {}),
    ("empty string", BASE + "&gdpr=1&gdpr_consent=", {}),
    ("a crawler", BASE, {"headers": (("user-agent", "Googlebot/2.1 (+http://x.example)"),)}),
    ("a referrer", BASE, {"headers": (("referer", "https://shop.example/a?b=c"),)}),
]
_BY_THE_COLLECTOR: list[tuple[str, str, dict[str, Any]]] = [
    ("no cookie", BASE, {"cookie": None}),
    ("a cookie of another form", BASE, {"cookie": "mbid=2{mbid}"}),
    ("a cookie of that name's end", BASE, {"cookie": "xmbid={mbid}"}),
    ("two cookies", BASE, {"cookie": "mbid={mbid}; mbid={other}"}),
    ("a broken one first", BASE, {"cookie": "mbid=x; a=b; mbid={mbid}"}),
    ("a broken one after", BASE, {"cookie": "mbid={mbid}; mbid=x"}),
    ("opted out", BASE, {"cookie": "mbid={mbid}; mb_optout=1"}),
    ("opted out before", BASE, {"cookie": "mb_optout=1; mbid={mbid}"}),
    ("two headers", BASE, {"cookie": "mbid={mbid}", "headers": (("cookie", "mb_optout=1"),)}),
    ("GPC", BASE, {"headers": (("sec-gpc", "1"),)}),
    ("GPC, other value", BASE, {"headers": (("sec-gpc", "0"),)}),
    ("GPC, second header", BASE, {"headers": (("sec-gpc", "0"), ("sec-gpc", "1"))}),
    ("prefetch", BASE, {"headers": (("sec-purpose", "prefetch;prerender"),)}),
    ("old prefetch", BASE, {"headers": (("x-moz", "prefetch"),)}),
    ("HEAD", BASE, {"method": "HEAD"}),
    ("POST", BASE, {"method": "POST", "is_logged": False}),
    ("no agent", BASE, {"headers": (("user-agent", ""),)}),
    ("an address as agent", BASE, {"headers": (("user-agent", "jan@example.org"),)}),
    ("a quote in the agent", BASE, {"headers": (("user-agent", 'Mozilla/5.0 "quoted"'),)}),
    ("a backslash in the agent", BASE, {"headers": (("user-agent", "Mozilla/5.0 \\"),)}),
    ("an agent beyond ASCII", BASE, {"headers": (("user-agent", "Mozilla/5.0 \xe9".encode()),)}),
    ("other order", SYNC + "partner=snowplow&site=shop&cookieid={id}&read=false", {}),
    ("something more", BASE + "&_=1", {}),
    ("a landing token", BASE + "&t=gAAAAAB", {}),
    ("a hash beside", BASE + f"&email={'ab' * 32}", {}),
    ("a parameter twice", BASE + "&site=shop", {}),
    ("two ids", BASE + "&parcid={id}", {}),
    ("read=true", BASE.replace("false", "true"), {}),
    ("nothing", SYNC, {}),
    ("an address as id", BASE.replace("{id}", "jan@example.org"), {}),
    ("encoded", BASE.replace("{id}", "jan%40example.org"), {}),
    ("encoded twice", BASE.replace("{id}", "jan%2540example.org"), {}),
    ("a telephone number as id", BASE.replace("{id}", "0612345678"), {}),
    ("a telephone number, encoded", BASE.replace("{id}", "%2B31%20612345678"), {}),
    ("not UTF-8", BASE.replace("{id}", "%ff{id}"), {}),
    ("a page view", PAGE, {}),
    ("an event", "/bakery/event?site=shop&name=cart", {}),
    ("the script", "/bakery/pixel.js?site=shop", {"is_logged": False}),
    ("the opt-out page", "/bakery/optout", {"is_logged": False}),
    ("an opt-out", "/bakery/optout", {"method": "POST"}),
    ("support of GPC", "/.well-known/gpc.json", {"is_logged": False}),
    ("another spelling", BASE.replace("/sync/", "//sync/"), {"is_logged": False}),
]
_REFUSED_LATER: list[tuple[str, str, dict[str, Any]]] = [
    ("unknown site", BASE.replace("site=shop", "site=none"), {}),
    ("unknown partner", BASE.replace("snowplow", "none"), {}),
    ("two clients", BASE.replace("site=shop", "site=beta-site").replace("snowplow", "PO_1"), {}),
    ("a placeholder", BASE.replace("{id}", "undefined"), {}),
    ("an encoded macro", BASE.replace("{id}", "%24%7BSP_NUID%7D"), {}),
    ("not the partner's form", BASE.replace("{id}", "abc"), {}),
]
"""What the collector answers with the header `refused`; nginx leaves the refusal to ingest."""


def _cases() -> Iterator[Case]:
    told = (
        *((NGINX, row) for row in _BY_NGINX + _REFUSED_LATER),
        *((COLLECTOR, row) for row in _BY_THE_COLLECTOR),
    )
    for number, (answered_by, (name, url, more)) in enumerate(told):
        own = f"ecdff4d0-9175-40ac-a8bb-{number:012x}"
        yield Case(
            10 * number, name, url.replace("{id}", own).replace("{number}", f"{number:04}"),
            answered_by, **more,
        )  # fmt: skip


CASES = list(_cases())
COOKIED = 10 * len(CASES)
"""No case's visitor has a larger number."""
