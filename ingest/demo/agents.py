"""A few hundred user agents as browsers really send them, and some of mail gateways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.demo.randomness import Floats

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_ANDROID = ("SM-G991B", "SM-S911B", "SM-A546B", "Pixel 7", "Pixel 8 Pro", "2201117TG", "CPH2399",
            "SM-A155F", "XQ-DC54")  # fmt: skip


@dataclass(frozen=True)
class Agent:
    """A user agent and what a parser should see in it."""

    text: str
    device: str
    browser: str
    system: str
    weight: float
    blocks_third_parties: bool = False


def agents() -> list[Agent]:
    """All browsers; their weights add up to 1."""
    found = [*_desktop_chrome(), *_android(), *_safari(), *_firefox()]
    total = sum(agent.weight for agent in found)
    return [Agent(a.text, a.device, a.browser, a.system, a.weight / total,
                  a.blocks_third_parties) for a in found]  # fmt: skip


def weights(found: list[Agent]) -> Floats:
    """The weights as an array."""
    return np.array([agent.weight for agent in found])


SCANNERS = (
    Agent("Mozilla/5.0 (compatible; MailGuardBot/2.1; +https://mailguard.example/bot)",
          "bot", "MailGuardBot", "Other", 0),
    Agent("python-requests/2.31.0", "bot", "Python Requests", "Other", 0),
    Agent("Mozilla/5.0 (compatible; LinkScanner/5.3; +https://linkscanner.example/crawler)",
          "bot", "LinkScanner", "Other", 0),
    Agent("curl/8.5.0", "bot", "curl", "Other", 0),
)  # fmt: skip
"""Mail gateways that say who they are."""


def _desktop_chrome() -> list[Agent]:
    systems = (("Windows NT 10.0; Win64; x64", "Windows", 5.0), ("X11; Linux x86_64", "Linux", 0.3),
               ("Macintosh; Intel Mac OS X 10_15_7", "Mac OS X", 1.5))  # fmt: skip
    out = []
    for platform, system, weight in systems:
        for version in range(118, 143):
            chrome = f"Mozilla/5.0 ({platform}) {_WEBKIT} Chrome/{version}.0.0.0 Safari/537.36"
            recent = weight * (0.2 + (version - 117) / 25)
            out.append(Agent(chrome, "desktop", "Chrome", system, recent))
            out.append(Agent(f"{chrome} Edg/{version}.0.0.0", "desktop", "Edge", system,
                             recent / 4))  # fmt: skip
    return out


def _android() -> list[Agent]:
    out = []
    for model in _ANDROID:
        for version in range(124, 143, 2):
            head = f"Mozilla/5.0 (Linux; Android {11 + version % 5}; {model}) {_WEBKIT}"
            out.append(Agent(f"{head} Chrome/{version}.0.0.0 Mobile Safari/537.36", "mobile",
                             "Chrome Mobile", "Android", 1.6))  # fmt: skip
        if model.startswith("SM-"):
            out.extend(
                Agent(f"{head} SamsungBrowser/{n}.0 Chrome/117.0.0.0 Mobile Safari/537.36",
                      "mobile", "Samsung Internet", "Android", 0.9)
                for n in range(22, 29)
            )  # fmt: skip
    return out


def _safari() -> list[Agent]:
    out = []
    for major in (16, 17, 18, 26):
        for minor in range(6):
            tail = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
            phone = f"Mozilla/5.0 (iPhone; CPU iPhone OS {major}_{minor} like Mac OS X) {tail}"
            out.append(Agent(f"{phone} Version/{major}.{minor} Mobile/15E148 Safari/604.1",
                             "mobile", "Mobile Safari", "iOS", 3.2, True))  # fmt: skip
            desk = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {tail}"
            out.append(Agent(f"{desk} Version/{major}.{minor} Safari/605.1.15", "desktop",
                             "Safari", "Mac OS X", 1.1, True))  # fmt: skip
    return out


def _firefox() -> list[Agent]:
    systems = (("Windows NT 10.0; Win64; x64", "Windows", 0.8), ("X11; Linux x86_64", "Linux", 0.2),
               ("Macintosh; Intel Mac OS X 10.15", "Mac OS X", 0.3))  # fmt: skip
    return [
        Agent(f"Mozilla/5.0 ({platform}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0",
              "desktop", "Firefox", system, weight, True)
        for platform, system, weight in systems
        for version in range(115, 145, 2)
    ]  # fmt: skip
