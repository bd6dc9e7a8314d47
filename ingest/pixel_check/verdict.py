"""What was found on a page, held against the registry, in words that say what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ingest.pixel_check.fetch import PageUnavailable, WebPage, fetch
from ingest.pixel_check.tags import Findings, Tag, find_tags
from ingest.pixel_check.words import UNAVAILABLE, WORDS
from matchbook import pixels, registry
from matchbook.registry import Client, Registry, Site
from matchbook.settings import Settings


@dataclass(frozen=True)
class Verdict:
    """Whether a page carries the right pixel; `result` and `reason` are stable codes."""

    result: str
    reason: str
    happened: str
    todo: str
    site_id: str | None = None
    """The site found, or the one whose snippet the page should carry."""
    missing: tuple[str, ...] = ()
    """Names of integrations that do not work on the page."""

    @property
    def is_good(self) -> bool:
        """Nothing has to be done."""
        return self.result == "implemented"

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """The sites a page may belong to, and whose they are."""

    clients: dict[str, Client]
    sites: tuple[Site, ...]
    hosts: frozenset[str]

    def site_of(self, tag: Tag) -> Site | None:
        """The site that a tag names, by id or by name."""
        by_name = {site.name: site for site in self.sites}
        return (by_name | {site.site_id: site for site in self.sites}).get(tag.site)


def check_page(
    settings: Settings,
    url: str,
    *,
    client_id: str | None = None,
    site_id: str | None = None,
    allowed: frozenset[str] = frozenset(),
) -> Verdict:
    """Fetch a page and judge it: against one site, or those of a client, or all there are."""
    try:
        page = fetch(url, allowed=allowed | settings.check_hosts)
    except PageUnavailable as error:
        happened, todo = UNAVAILABLE.get(error.reason) or UNAVAILABLE[error.result]
        return Verdict(error.result, error.reason, happened, todo)
    wanted = _wanted(settings, registry.current(settings), client_id, site_id)
    return judge(wanted, page, is_given=site_id is not None)


def judge(wanted: Wanted, page: WebPage, *, is_given: bool = False) -> Verdict:
    """The verdict on a page that came."""
    findings = find_tags(page.place.url, page.html)
    ours = [tag for tag in findings.tags if tag.host in wanted.hosts]
    pixel_tags = [tag for tag in ours if tag.kind != "sync"]
    at_host = [site for site in wanted.sites if page.place.host in site.hosts]
    expected = wanted.sites if is_given or not at_host else at_host
    if not pixel_tags:
        return _missing(findings.tags, _only(expected))
    found = next((s for tag in pixel_tags if (s := wanted.site_of(tag)) in expected and s), None)
    if found is None:
        return _wrong_site(pixel_tags[0], expected)
    if found.pixel is None:
        return _say("missing", "not_set_up", site=found)
    own_tags = [tag for tag in ours if wanted.site_of(tag) in (found, None)]
    return _integrations(wanted.clients[found.client_id], found, own_tags, findings)


def _wanted(
    settings: Settings, document: Registry, client_id: str | None, site_id: str | None
) -> Wanted:
    sites = tuple(
        site
        for site in document.sites
        if client_id in (None, site.client_id) and site_id in (None, site.site_id)
    )
    clients = {c.client_id: c for c in document.clients}
    own = {client_id} if client_id else {site.client_id for site in sites}
    hosts = [pixels.collector_hosts(settings, clients[c]) for c in own if c in clients]
    return Wanted(clients, sites, frozenset().union(*hosts))


def _missing(tags: Sequence[Tag], site: Site | None) -> Verdict:
    elsewhere = next((tag.host for tag in tags if tag.kind != "sync"), None)
    if elsewhere is not None:
        return _say("missing", "other_host", site=site, found=_plain(elsewhere))
    return _say("missing", "only_syncs" if tags else "missing", site=site)


def _wrong_site(tag: Tag, expected: Sequence[Site]) -> Verdict:
    wanted = " or ".join(site.name for site in expected[:3]) or "no site at all"
    reason = "wrong_site" if tag.site else "no_site"
    found = _plain(tag.site)
    return _say("wrong_site", reason, site=_only(expected), found=found, wanted=wanted)


def _only(expected: Sequence[Site]) -> Site | None:
    return expected[0] if len(expected) == 1 else None


def _integrations(client: Client, site: Site, tags: list[Tag], findings: Findings) -> Verdict:
    chosen = site.pixel.integrations if site.pixel else ()
    synced = {_partner(client, tag.partner) for tag in tags if tag.kind == "sync"}
    is_script = any(tag.kind == "script" for tag in tags)
    doubtful = pixels.unread_partners(site) if is_script else list(chosen)
    missing = [
        one
        for one in doubtful
        if one not in synced and not (is_script and _is_handed_over(one, findings.text))
    ]
    if not missing:
        return _say("implemented", "implemented", site=site)
    names = pixels.integrations_on_offer(client)
    reason = "not_handed_over" if is_script else "image_only"
    return _say("integration_missing", reason, site=site, missing=[names[one] for one in missing])


def _partner(client: Client, code: str) -> str:
    own = {c: partner.partner_id for partner in client.partners for c in partner.codes}
    return own.get(code, code)


def _is_handed_over(partner_id: str, text: str) -> bool:
    """Whether the page says the partner's cookie id; the snippet leaves it empty."""
    is_said = re.compile(rf"\b{partner_id}\b['\"\]]{{0,2}}\s*[:=]\s*(?!\"\"|'')[^\s,}}]")
    return any(
        is_said.search(text, said.end(), said.end() + 2000)
        for said in re.finditer(r"matchbook\.partners\b", text)
    )


def _say(
    result: str, reason: str, *, site: Site | None = None, missing: Sequence[str] = (), **more: str
) -> Verdict:
    words = {"site": site.name if site else "", "missing": ", ".join(missing)} | more
    happened, todo = (text.format(**words) for text in WORDS[reason])
    return Verdict(result, reason, happened, todo, site.site_id if site else None, tuple(missing))


def _plain(text: str) -> str:
    """What a page says of itself, short and without anything that could be markup."""
    return re.sub(r"[^A-Za-z0-9_. -]", "?", text)[:64]
