"""Programs are told from people by their user agents (P33)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from ingest.demo.agents import SCANNERS, agents
from ingest.pixel_logs.agents import describe
from tests.pixel_lines import AGENTS

LINE = re.compile(
    r'(\S+ \S+ \S+ \[[^:]+:\d\d)[^]]+\] "\S+ (\S+) [^"]*" \d+ \S+ "([^"]*)" "([^"]*)"$'
)
SAY_SO = ("+http", "BingPreview", "Google Web Preview", "PhantomJS")
"""Programs among the visits of the public log that fetch all that a browser would."""

PEOPLE = {
    "a-telephone-called-cubot": "Mozilla/5.0 (Linux; Android 10; CUBOT J9) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/88.0.4324.152 Mobile Safari/537.36",
    "ecosia": "Mozilla/5.0 (Linux; Android 11; FP4) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/101.0.4951.41 Mobile Safari/537.36 (Ecosia android@101.0.4951.41)",
    "outlook": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0 OneOutlook/1.2024.1016.100",
    "in-an-app": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 Instagram 331.0.3.29.90 (iPhone15,2; iOS 17_5; nl_NL)",
}
PROGRAMS = {
    "says-where-it-is-from": "Mozilla/5.0 (compatible; MistralAI-Index/1.0; +https://docs.x.ai/r)",
    "says-whom-to-write-to": "Mozilla/5.0 AppleWebKit/537.36 Chrome/99 admin@links.example",
    "nothing": "",
    "blank": " ",
    "curl": "curl/8.5.0",
    "headless": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/129.0.0.0",
    "mail-proxy": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via "
    "ggpht.com GoogleImageProxy)",
}


@pytest.mark.parametrize("who", PEOPLE)
def test_people(who: str) -> None:
    assert not describe(PEOPLE[who]).is_bot


@pytest.mark.parametrize("what", PROGRAMS)
def test_programs(what: str) -> None:
    assert describe(PROGRAMS[what]).is_bot


def test_a_flood_of_letters_is_looked_at_briefly() -> None:
    assert describe("bo" * 500_000).device_type == "other"


def test_published_crawlers_are_flagged(public_data: Path) -> None:
    text = (public_data / "h07_user_agents/crawler-user-agents.json").read_text()
    found = [agent for row in json.loads(text) for agent in row.get("instances", ())]
    assert len(found) > 2_000
    assert [agent for agent in found if not describe(agent).is_bot] == []


def test_p33_people_are_rarely_flagged(public_data: Path) -> None:
    """Visits that fetched what a page is made of, as browsers do, and every browser of the demo."""
    traces = _people_of(public_data / "w01_elastic_apache/apache_logs.log")
    traces += [*PEOPLE.values(), *AGENTS, *(agent.text for agent in agents())]
    flagged = [agent for agent in traces if describe(agent).is_bot]
    print(f"{len(flagged)} of {len(traces)} flagged")
    assert len(traces) >= 1_000
    assert len(flagged) <= len(traces) / 100


def test_scanners_of_the_demo_are_flagged() -> None:
    assert all(describe(agent.text).is_bot for agent in SCANNERS)


def _people_of(log: Path) -> list[str]:
    """The agent of each address that, in an hour, came from one of the pages for a part of it."""
    seen: dict[tuple[str, str], bool] = defaultdict(bool)
    for line in log.read_text(errors="replace").splitlines():
        if match := LINE.match(line):
            visit, path, referrer, agent = match.groups()
            is_part = re.search(r"\.(css|png|jpg|ico)", path) is not None
            seen[visit, agent] |= is_part and "semicomplete.com" in referrer
    return [
        agent
        for (_, agent), is_person in seen.items()
        if is_person and not any(p in agent for p in SAY_SO)
    ]
