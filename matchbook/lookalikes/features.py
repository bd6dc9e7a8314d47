"""What people are told apart by: one column of numbers per feature, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Family = Literal[
    "activity", "recency", "site", "section", "event", "mail", "weekday", "part_of_day",
    "device_type", "browser", "operating_system", "referrer", "contact",
    "number", "yes_no", "date", "text", "column",
]  # fmt: skip

COUNTS = frozenset({"site", "section", "event", "weekday", "part_of_day", "mail"})
"""Families that count calls; where volume would tell of the seed they become shares of all."""

LOOKS = frozenset({"device_type", "browser", "operating_system"})
CRM = frozenset({"number", "yes_no", "date", "text"})

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
PARTS_OF_DAY = {"night": "at night", "morning": "in the morning", "afternoon": "in the afternoon",
                "evening": "in the evening"}  # fmt: skip
_ACTIVITY = {
    "hits": "calls",
    "page_views": "looks at pages",
    "events": "does something on a page",
    "identifies": "signs in",
    "days": "comes on different days",
    "days_30": "comes on different days of the last month",
    "days_7": "comes on different days of the last week",
}
_RECENCY = {"last": "came last longer ago", "first": "has been coming for longer"}
_CONTACT = {
    "browsers": "uses several browsers",
    "matched": "is matched with a CRM record",
    "cep_contact": "is linked to a CEP contact",
    "cep_reachable": "is reachable in CEP",
}
_MAIL = {"click": "clicks in e-mails", "read": "reads e-mails online"}

TOPICS = {
    "activity": "how active people are", "recency": "when people came last",
    "site": "sites", "section": "sections", "event": "events",
    "mail": "clicks and reads in e-mails", "weekday": "weekdays", "part_of_day": "hours",
    "device_type": "devices", "browser": "browsers", "operating_system": "operating systems",
    "referrer": "web sites people came from", "contact": "matches and CEP contacts",
    "number": "CRM attributes", "yes_no": "CRM attributes", "date": "CRM attributes",
    "text": "CRM attributes",
}  # fmt: skip
"""What a family is about, for sentences on what is not used."""


@dataclass(frozen=True)
class Feature:
    """One column. `value` is what is counted or compared; of a text, its attribute comes first."""

    family: Family
    value: str
    attribute: str = ""

    @property
    def words(self) -> str:
        """As the start of a sentence about a person, such as “visits section “sofas””."""
        if self.family in CRM or self.family == "column":
            return _of_attribute(self)
        fixed = {"activity": _ACTIVITY, "recency": _RECENCY, "contact": _CONTACT, "mail": _MAIL}
        if self.family in fixed:
            return fixed[self.family][self.value]
        if self.family == "weekday":
            return f"comes on {WEEKDAYS[int(self.value) - 1]}"
        if self.family == "part_of_day":
            return f"comes {PARTS_OF_DAY[self.value]}"
        return _of_place(self)


def fixed_features() -> tuple[Feature, ...]:
    """Those that every client has."""
    return (
        *(Feature("activity", name) for name in _ACTIVITY),
        *(Feature("recency", name) for name in _RECENCY),
        *(Feature("mail", name) for name in _MAIL),
        *(Feature("weekday", str(day)) for day in range(1, 8)),
        *(Feature("part_of_day", name) for name in PARTS_OF_DAY),
        *(Feature("contact", name) for name in _CONTACT),
    )


def columns_of(features: Sequence[Feature], families: frozenset[str]) -> list[int]:
    """Positions of the features of these families."""
    return [n for n, feature in enumerate(features) if feature.family in families]


def _of_attribute(feature: Feature) -> str:
    if feature.family == "text" or (feature.family == "column" and feature.attribute):
        return f"has “{feature.value}” as “{feature.attribute}”"
    if feature.family == "yes_no":
        return f"has yes as “{feature.value}”"
    if feature.family == "date":
        return f"has a “{feature.value}” longer ago"
    return f"has a higher “{feature.value}”"


def _of_place(feature: Feature) -> str:
    said = {
        "site": "visits site",
        "section": "visits section",
        "event": "does",
        "device_type": "uses device",
        "browser": "uses browser",
        "operating_system": "uses operating system",
        "referrer": "was last sent by web site",
    }
    return f"{said[feature.family]} “{feature.value}”"
