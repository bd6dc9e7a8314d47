"""What else stands in real logs: other people's lines, prefetches, wrong calls and garbage."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np

from ingest.demo.companies import Company
from ingest.demo.devices import AGENT_TEXTS
from ingest.demo.hardness import GARBAGE_LINES_A_FILE
from ingest.demo.log_lines import clock_texts
from ingest.demo.randomness import generator, hex_ids, mixed

NOT_OURS = ("/", "/favicon.ico", "/robots.txt", "/assets/app.css", "/assets/app.js",
            "/img/hero-{n}.webp", "/cart", "/wp-login.php", "/.env", "/health")  # fmt: skip

WRONG_CALLS = (
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=snowplow&cookieid=%24%7BSP_NUID%7D&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=weborama&cookieid=%7BWEBO_CID%7D&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=tealium&cookieid=undefined&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=snowplow"
    "&cookieid=00000000-0000-0000-0000-000000000000&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=tealium"
    "&cookieid=main%2Fprofile%3E{hex}&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=adwhale&cookieid={hex}&read=false",
    "/bakery/sync/dmpsyncendpoint?site=oldshop&partner=tealium&cookieid={hex}&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=permutive&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&site=other&partner=tealium&cookieid={hex}&read=false",
    "/bakery/sync/dmpsyncendpoint?site={site}&partner=tealium&cookieid={hex}&read=maybe",
    "/bakery/identify?site={site}&email={empty}",
    "/bakery/identify?site={site}&email=somebody%40mail.example",
    "/bakery/click?client={client}&contact=4100000000007&message=m1&u=https%3A%2F%2F{host}%2F"
    "&consent=1&sig=AAAAAAAAAAAAAAAAAAAAAA",
    "/bakery/page?site={site}",
)

GARBAGE = (
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "nginx: worker process 4711 exited on signal 9",
    '100.64.0.1 - - [32/Foo/2026:99:99:99 +0000] "GET /bakery/page" 200',
    '100.64.0.9 - - "GET',
    '{"time":"not a time","uri":"/bakery/page?site=',
    "\ufffd\ufffd\ufffd half a line from before the log was rotated HTTP/1.1",
)

_EMPTY_HASH = hashlib.sha256(b"").hexdigest()


def noise(
    seed: int, day: int, company: Company, today: date, form: str, lines: list[str]
) -> list[str]:
    """Noise for one file's day of `lines`; `form` is combined, json or segment."""
    chance = generator(seed, day, f"noise {company.client_id} {form}")
    size = len(lines)
    garbage = chance.integers(0, len(GARBAGE), GARBAGE_LINES_A_FILE + size // 1000)
    out = [GARBAGE[n] for n in garbage.tolist()]
    if form == "segment":
        return out
    wrong = chance.integers(0, len(WRONG_CALLS), 1 + size // 150)
    uris = [
        _wrong_call(company, WRONG_CALLS[n], mark)
        for n, mark in zip(wrong.tolist(), hex_ids("wrong", 45, seed, day, range(len(wrong))),
                           strict=True)
    ]  # fmt: skip
    others = size // 8 if form == "combined" else size // 40
    uris += [NOT_OURS[n].format(n=n) for n in chance.integers(0, len(NOT_OURS), others).tolist()]
    out += _as_lines(chance, today, company.host, form, uris)
    return out + _prefetches(chance, lines)


def _wrong_call(company: Company, template: str, mark: str) -> str:
    site = company.sites[0]
    return template.format(
        site=site.site_id, hex=mark, empty=_EMPTY_HASH, client=company.client_id, host=site.host
    )


def _as_lines(
    chance: np.random.Generator, today: date, host: str, form: str, uris: list[str]
) -> list[str]:
    at = chance.integers(0, 86_400, len(uris)).tolist()
    agents = AGENT_TEXTS[chance.integers(0, len(AGENT_TEXTS), len(uris))]
    hms = clock_texts()
    ips = [f"100.127.{m >> 8 & 255}.{m & 255}" for m in mixed("other", np.array(at)).tolist()]
    if form == "combined":
        return [
            f'{ip} - - [{today:%d/%b/%Y}:{hms[t]} +0000] "GET {uri} HTTP/1.1" 200 {512 + t % 9000} '
            f'"-" "{agent}" "-"'
            for ip, t, uri, agent in zip(ips, at, uris, agents, strict=True)
        ]
    return [
        f'{{"time":"{today}T{hms[t]}+00:00","host":"{host}","method":"GET","uri":"{uri}",'
        f'"status":200,"referrer":"","user_agent":"{agent}","remote_addr":"{ip}","cookie":"",'
        '"sec_gpc":"","purpose":""}'
        for ip, t, uri, agent in zip(ips, at, uris, agents, strict=True)
    ]


def _prefetches(chance: np.random.Generator, lines: list[str]) -> list[str]:
    """HEAD requests of mail programs that look at a link before anybody clicks it."""
    clicks = [line for line in lines if "/bakery/click" in line]
    chosen = chance.permutation(len(clicks))[: len(clicks) // 25]
    return [
        clicks[n].replace('"GET ', '"HEAD ').replace('"method":"GET"', '"method":"HEAD"')
        for n in chosen.tolist()
    ]
