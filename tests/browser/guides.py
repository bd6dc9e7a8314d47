"""The guides in docs/guides as steps: what to do, and the words one sees while doing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

from matchbook.settings import REPOSITORY

GUIDES = REPOSITORY / "docs" / "guides"
STEP = re.compile(r"^(\d+)\. \*\*(.+?)\*\*(.*?)(?=^\d+\. |^#|^!\[|\Z)", re.MULTILINE | re.DOTALL)
LABEL = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
ROOTS = """
const roots = (node) => [node, ...[...node.querySelectorAll("*")]
  .filter((e) => e.shadowRoot).flatMap((e) => roots(e.shadowRoot))];
const all = (what) => roots(document).flatMap((root) => [...root.querySelectorAll(what)]);
"""
"""The upload stands in a tree of its own."""
READ = "button, h2, h3, label, p"
PASSING = f"""
setInterval(() => {{
  {ROOTS}
  const passed = new Set(JSON.parse(sessionStorage.passed ?? "[]"));
  all("{READ}").forEach((e) => passed.add(e.innerText));
  sessionStorage.passed = JSON.stringify([...passed]);
}}, 50);
"""
"""Some words are there for the middle of a step only."""
SEEN = f"""
() => {{
  {ROOTS}
  const names = ["aria-label", "placeholder", "title"];
  const named = all("[aria-label], [placeholder], [title]");
  const said = named.flatMap((e) => names.map((name) => e.getAttribute(name) ?? ""));
  const passed = JSON.parse(sessionStorage.passed ?? "[]");
  const there = all("{READ}").map((e) => e.innerText);
  return [document.body.innerText, ...there, ...passed, ...said].join(" ");
}}
"""


@dataclass(frozen=True)
class Step:
    """One numbered step: its bold sentence, and the labels it names in italics."""

    title: str
    labels: tuple[str, ...]


def steps(name: str) -> list[Step]:
    """As they stand in the guide, which numbers them without a gap."""
    found = STEP.findall((GUIDES / name).read_text())
    assert [int(number) for number, _, _ in found] == list(range(1, len(found) + 1))
    return [
        Step(title.rstrip("."), tuple(" ".join(one.split()) for one in LABEL.findall(text)))
        for _, title, text in found
    ]


def walk(name: str, page: Page, acts: Mapping[str, Callable[[], None]]) -> None:
    """Do every step of the guide; each label it names is on the screen meanwhile."""
    told = steps(name)
    page.add_init_script(PASSING)
    page.evaluate(PASSING)
    assert [step.title for step in told] == list(acts)
    for step in told:
        before = _seen(page)
        page.evaluate("sessionStorage.passed = '[]'")
        acts[step.title]()
        seen = f"{before}\n{_seen(page)}"
        missing = [one for one in step.labels if one.rstrip(".").lower() not in seen]
        assert missing == [], f"{step.title}: {missing}"


def _seen(page: Page) -> str:
    return " ".join(str(page.evaluate(SEEN)).lower().split())
