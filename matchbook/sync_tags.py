"""The tag that tells us a partner's cookie id: what goes where that partner's own tag stands.

Sites with our script need none for the partners it reads by itself.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from matchbook.partners import Partner
from matchbook.partners.profile import Grade
from matchbook.pixels import SYNC_PATH, collector_origin
from matchbook.registry import Client, Site
from matchbook.settings import Settings


@dataclass(frozen=True)
class SyncTag:
    """What to copy."""

    code: str
    fires: str
    """Where it goes."""
    grade: Grade
    """How sure it is that the partner's id is found so."""
    remark: str = ""


def sync_tag(settings: Settings, client: Client, site: Site, partner: Partner) -> SyncTag:
    """The tag of one partner on one site of a client."""
    own = next((p for p in client.partners if p.partner_id == partner.partner_id), None)
    partner = client.has_agreed(partner)
    named = own.codes[0] if own and own.codes else partner.partner_id
    address = f"{collector_origin(settings, client)}{SYNC_PATH}?"
    address += urlencode({"site": site.site_id, "partner": named, "read": "false"})
    address += f"&{partner.sync.parameter}="
    if partner.sync.redirect:
        code, remark = _redirected(partner, address), _unencoded(partner)
    else:
        code, remark = _script(address, _expression(partner)), ""
    return SyncTag(code, _sentence(partner.sync.fires), partner.sync.grade, remark)


def _redirected(partner: Partner, address: str) -> str:
    url = partner.sync.redirect.replace("{url}", quote(address + partner.sync.macro, safe=""))
    source = html.escape(url, quote=True)
    return f'<img src="{source}" width="1" height="1" alt="" referrerpolicy="origin">'


def _unencoded(partner: Partner) -> str:
    todo = f"{partner.name} puts its id in for {partner.sync.macro}; leave that as it is."
    has_gap = "<" in partner.sync.redirect
    return f"{todo} Put your collector's host in for <collector>." if has_gap else todo


def _script(address: str, expression: str) -> str:
    return (
        "<script>\n  (function () {\n"
        f"    var id = {expression};\n"
        f"    if (id) new Image().src = {json.dumps(address)} + encodeURIComponent(id);\n"
        "  })();\n</script>"
    )


def _expression(partner: Partner) -> str:
    """JavaScript for the id: the first place that needs no taking apart."""
    if partner.sync.script:
        return partner.sync.script
    places = [place.split(" ") for place in partner.web_places]
    kind, name = next((place for place in places if len(place) == 2), ("call", ""))[:2]
    read = {
        "cookie": f"(document.cookie.match(/(?:^|; ){name}=([^;]+)/) || [])[1]",
        "storage": f"localStorage.getItem({json.dumps(name)})",
        "call": f"{name}()" if name else '""',
    }[kind]
    prefix = partner.bare_number_prefix
    return f"{read};\n    if (id) id = {json.dumps(prefix)} + id" if prefix else read


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] if not words.startswith("https:") else words
