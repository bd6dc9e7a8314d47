"""The on-site pixel: pixel.js with the settings of one site filled in.

Nothing of the request stands in the script, and it finds our host in its own address. Comments
and spaces that mean nothing are left out when it is read; there is no build step.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.collector.answers import Answer
from ingest.collector.directory import in_force
from ingest.collector.pixel_forms import phone_settings
from matchbook.partners import load_partners
from matchbook.registry import LAST_RESORT_REGION, MAPP_EMAIL, Site

if TYPE_CHECKING:
    from ingest.collector.calls import Call
    from ingest.collector.collector import Collector

MAX_AGE = 300
"""Seconds a browser may keep the script: how long a changed integration may take to arrive."""

_UNKNOWN = b"// Matchbook: this site is not registered. Look up its snippet on the page Pixels.\n"


def script(collector: Collector, call: Call) -> Answer:
    """GET /bakery/pixel.js?site=…, with the site's id or name."""
    site = collector.directory.sites.get(call.parameters.get("site", ""))
    if site is None:
        return Answer(404, _headers("no-store"), _UNKNOWN)
    is_declared = in_force(site.consent_declaration, call.at)
    urls = collector.directory.user_sync_urls
    asked = [partner for client, partner in urls if client == site.client_id]
    vendor_id = collector.registry.tcf_vendor_id
    region = collector.directory.clients[site.client_id].region
    body, tag = served(settings_json(site, vendor_id, is_declared, asked, region))
    headers = [*_headers(f"public, max-age={MAX_AGE}"), ("etag", tag)]
    if call.if_none_match == tag:
        return Answer(304, headers)
    return Answer(200, headers, body)


def settings_json(
    site: Site,
    vendor_id: int | None,
    is_declared: bool,
    asked: Collection[str] = (),
    region: str = LAST_RESORT_REGION,
) -> str:
    """What the script must know of its site, as a literal that is safe inside a script.

    `asked` are partners with a user-sync URL: they are asked for an id the page does not know.
    `region` is where national phone numbers and addresses without a country are.
    """
    chosen = site.pixel.integrations if site.pixel else ()
    settings: dict[str, Any] = {
        "site": site.site_id,
        "partners": {p.partner_id: p.web_places for p in load_partners() if p.partner_id in chosen},
        "out": [partner for partner in chosen if partner in asked],
        "mail": MAPP_EMAIL in chosen,
        "declared": is_declared,
        "vendor": vendor_id,
        "region": region,
        **phone_settings(region),
    }
    return json.dumps(settings, separators=(",", ":")).replace("<", "\\u003c")


@lru_cache(maxsize=256)
def served(settings: str) -> tuple[bytes, str]:
    """The script as it leaves, and its ETag."""
    body = _source().replace("SETTINGS", settings, 1).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:22]}"'


@lru_cache(maxsize=1)
def _source() -> str:
    text = (Path(__file__).parent / "pixel.js").read_text()
    text = re.sub(r"^\s*(//.*\n)?|^\s+", "", text, flags=re.MULTILINE)
    return re.sub(r" ([=?:+&|<>!]+) |(?<=,) |(?<=[{;,(])\n", r"\1", text)


def _headers(cache_control: str) -> list[tuple[str, str]]:
    return [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", cache_control),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
    ]
