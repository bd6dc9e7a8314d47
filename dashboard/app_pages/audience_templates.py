"""Six ways to begin an audience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.app_pages.audience_draft import SETTINGS, Draft, Row
from matchbook.audiences import of

EMPTY = "empty"
DAYS, LONG_AGO = 30, 400


@dataclass(frozen=True)
class Template:
    """What its card says; its groups of one condition each, with has or has not."""

    title: str
    text: str
    conditions: tuple[tuple[dict[str, Any], bool], ...]


def _did(what: str, days: int, at_least: int = 1, **where: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": "did", "action": {"what": what, **where}, "at_least": at_least, "days": days,
    }  # fmt: skip


_TWICE = _did("visited", DAYS, 2, section={"operator": "equals", "value": ""})

TEMPLATES: dict[str, Template] = {
    "clicked": Template(
        "Clicked or read lately",
        "Answered one of your e-mails in the last 30 days.",
        ((_did("clicked_or_read", DAYS), True),),
    ),
    "silent": Template(
        "Visited, never clicked",
        "Came to your sites this month; no e-mail ever brought them.",
        ((_did("visited", DAYS), True), (_did("clicked_or_read", LONG_AGO), False)),
    ),
    "section": Template(
        "Visited a section twice",
        "Came back to a part of your site within 30 days.",
        ((_TWICE, True),),
    ),
    "lapsed": Template(
        "Lapsed",
        "Was here in the last half year, but not in the last 60 days.",
        ((_did("called", 180), True), (_did("called", 60), False)),
    ),
    "new": Template(
        "New contacts",
        "First uploaded in the last 30 days.",
        (({"kind": "since", "what": "uploaded", "days": DAYS}, True),),
    ),
    "list": Template(
        "An uploaded list",
        "CRM record ids from a file of yours.",
        (({"kind": "on_list", "list": ""}, True),),
    ),
}


def from_template(origin: tuple[str, ...], key: str) -> Draft:
    """A new audience that begins like this; empty for an unknown template."""
    template = TEMPLATES.get(key)
    blank = of(name="-", enter={"kind": "is", "what": "matched"})
    draft = Draft(origin, {name: getattr(blank, name) for name in SETTINGS})
    draft.settings["name"] = template.title if template else ""
    for condition, has in template.conditions if template else ():
        draft.groups["enter"].append([Row(condition, has=has)])
    return draft
