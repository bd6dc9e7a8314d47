"""What a user agent says of the device; crawlers are told from people by two kept lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import crawleruseragents
import ua_parser
from ua_parser_rs import UserAgentExtractor

_BOT_WORDS = re.compile(
    r"(?<!cu)bot\b|(?<!cu)bot[/_ ;-]|crawl|spider|slurp|scanner|fetcher|preview|monitor|headless|"
    r"python-|curl/|wget/|java/|go-http|libwww|okhttp|httpclient|"
    r"https?://|www\.|[a-z0-9]@[a-z0-9-]+\.[a-z]|validator|checker|link resolver",
    re.IGNORECASE,
)
"""What programs call themselves, and the address they give; CUBOT makes telephones."""
_PREFETCHERS = re.compile(r"GoogleImageProxy|YahooMailProxy", re.IGNORECASE)
_TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|SM-T\d|Nexus (?:7|9|10)\b")
_MOBILE = re.compile(r"Mobile|iPhone|iPod|Phone|BlackBerry|Opera Mini|Opera Mobi")
_DESKTOP = re.compile(r"Windows NT|Macintosh|X11|CrOS|Linux x86_64|Linux i686")
_TV = re.compile(r"SmartTV|SMART-TV|AppleTV|Apple TV|BRAVIA|HbbTV|Roku|PlayStation|Xbox|Nintendo")


@dataclass(frozen=True)
class Agent:
    """The few words kept of a user agent."""

    device_type: str
    """desktop | mobile | tablet | tv | other"""
    browser: str | None
    operating_system: str | None
    is_bot: bool


@lru_cache(maxsize=50_000)
def describe(user_agent: str) -> Agent:
    """Device, browser and system; an agent that says nothing is a program, hence a bot."""
    text = user_agent[:1024]
    result = ua_parser.parse(text)
    return Agent(
        device_type=_device_type(text),
        browser=result.user_agent.family if result.user_agent else None,
        operating_system=result.os.family if result.os else None,
        is_bot=_is_bot(text),
    )


def _is_bot(text: str) -> bool:
    if not text.strip() or _BOT_WORDS.search(text) or _PREFETCHERS.search(text):
        return True
    return _crawlers().extract(text) is not None


@cache
def _crawlers() -> UserAgentExtractor:
    """The list, compiled as ua_parser's own is: microseconds an agent, whatever it says."""
    rest = (None,) * 5
    return UserAgentExtractor(
        [(row["pattern"], *rest) for row in crawleruseragents.CRAWLER_USER_AGENTS_DATA]
    )


def _device_type(text: str) -> str:
    for device_type, pattern in (("tv", _TV), ("tablet", _TABLET), ("mobile", _MOBILE)):
        if pattern.search(text):
            return device_type
    if "Android" in text:
        return "tablet"  # Android says Mobile on phones
    return "desktop" if _DESKTOP.search(text) else "other"
