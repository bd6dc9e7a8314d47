"""Who is in an audience, slowly and obviously: one person, one condition, one hit at a time.

It shares no code with the compiler but the definition's own classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from matchbook.audiences import conditions as c
from matchbook.audiences.definition import All, AnyOf, Definition, Not
from tests.matchbook.audiences.worlds import AS_OF, TIME_ZONE, Browser, Hit, Person, Stage, totals

HIT_TYPES = {
    "visited": {"page_view"},
    "event": {"event"},
    "identified": {"identify"},
    "clicked": {"click"},
    "read": {"read"},
    "clicked_or_read": {"click", "read"},
}


@dataclass(frozen=True)
class Judge:
    """Decides about one person, seen through some of their browsers."""

    stage: Stage
    others: Mapping[str, Definition]
    definition: Definition
    person: Person
    browsers: tuple[Browser, ...]

    @property
    def hits(self) -> list[Hit]:
        return self.stage.hits_of({browser.visitor_key for browser in self.browsers})

    def holds(self, node: Any) -> bool:
        if isinstance(node, All):
            return all(self.holds(child) for child in node.of)
        if isinstance(node, AnyOf):
            return any(self.holds(child) for child in node.of)
        if isinstance(node, Not):
            return not self.holds(node.of)
        decide: bool = getattr(self, node.kind)(node)
        return decide

    def recent(self, moment: datetime | None, days: int | None) -> bool:
        back = days if days is not None else self.definition.look_back_days
        return moment is not None and moment.date() >= AS_OF.date() - timedelta(days=back)

    def in_look_back(self, hit: Hit, days: int | None) -> bool:
        return self.recent(hit.hit_at, days) and hit.hit_date <= AS_OF.date()

    def did(self, condition: c.Did) -> bool:
        found = [
            hit
            for hit in self.hits
            if is_action(hit, condition.action)
            and self.in_look_back(hit, condition.days)
            and is_moment(hit.hit_at, condition.when)
        ]
        days = {hit.hit_date for hit in found}
        return len(days if condition.counted == "days" else found) >= condition.at_least

    def sequence(self, condition: c.Sequence) -> bool:
        hits = [hit for hit in self.hits if self.in_look_back(hit, condition.days)]
        longest = timedelta(hours=condition.within_hours)
        return any(
            is_action(a, condition.first)
            and is_action(b, condition.then)
            and timedelta(0) < b.hit_at - a.hit_at <= longest
            for a in hits
            for b in hits
        )

    def since(self, condition: c.Since) -> bool:
        if condition.what == "uploaded":
            return self.recent(self.person.uploaded_at, condition.days)
        return self.recent(totals(self.hits)[f"{condition.what}_at"], condition.days)

    def total(self, condition: c.Total) -> bool:
        enough: bool = totals(self.hits)[condition.of] >= condition.at_least
        return enough

    def uses(self, condition: c.Uses) -> bool:
        return any(matches(getattr(b, condition.what), condition.match) for b in self.browsers)

    def seen_by(self, condition: c.SeenBy) -> bool:
        return any(
            partner == condition.partner and self.recent(seen_at, condition.days)
            for partner, seen_at in self.person.partners
        )

    def is_(self, condition: c.Is) -> bool:
        return {
            "matched": self.person.crm_record_id is not None,
            "cep_contact": self.person.has_cep_contact,
            "cep_reachable": self.person.is_cep_reachable,
        }[condition.what]

    def attribute(self, condition: c.Attribute) -> bool:
        attributes = dict(self.person.attributes)
        name = condition.name
        return name in attributes and passes(attributes[name], condition.test)

    def in_audience(self, condition: c.InAudience) -> bool:
        other = self.others[condition.audience]
        if other.keeps_people:
            return (condition.audience, self.person.member_key) in self.stage.kept
        return self.person.member_key in members(other, self.stage, self.others)

    def on_list(self, condition: c.OnList) -> bool:
        return self.person.crm_record_id is not None and condition.list in self.person.lists

    def in_share(self, condition: c.InShare) -> bool:
        digest = hashlib.sha256(condition.salt.encode()).hexdigest()
        prime = 2147483647
        a = int(digest[:16], 16) % (prime - 1) + 1
        b = int(digest[16:32], 16) % prime
        drawn = (a * (self.person.member_key % prime) + b) % prime
        return drawn < round(prime * condition.percent / 100)


setattr(Judge, "is", Judge.is_)


def members(definition: Definition, stage: Stage, others: Mapping[str, Definition]) -> set[int]:
    """Member keys of those who meet `enter` and not `leave`."""
    found = set()
    for person in stage.people:
        own = tuple(b for b in stage.browsers if b.member_key == person.member_key)
        seen_as = [(browser,) for browser in own] if definition.count_each_browser else [own]
        judges = [Judge(stage, others, definition, person, browsers) for browsers in seen_as]
        if not person.is_suppressed and any(_qualifies(judge) for judge in judges):
            found.add(person.member_key)
    return found


def reachable(people: set[int], stage: Stage) -> int:
    """Distinct CEP contacts that can be reached through these people's browsers."""
    contacts = {b.contact for b in stage.browsers if b.member_key in people}
    return len({contact for contact in contacts if contact is not None and contact % 2 == 0})


def _qualifies(judge: Judge) -> bool:
    leave = judge.definition.leave
    leaves = leave is not None and judge.holds(leave)
    return judge.holds(judge.definition.enter) and not leaves


def is_action(hit: Hit, action: c.Action) -> bool:
    """One hit is this kind of thing."""
    return (
        (action.what == "called" or hit.hit_type in HIT_TYPES[action.what])
        and matches(hit.site_id, action.site)
        and matches(hit.section, action.section)
        and matches(hit.page_path, action.page)
        and matches(hit.event_name, action.event)
        and matches(hit.message_id, action.message)
    )


def matches(text: str | None, match: c.Match | None) -> bool:
    """A text as the match wants it; no match wants nothing."""
    if match is None:
        return True
    if text is None:
        return False
    if match.operator == "equals":
        return text == match.value
    return text.startswith(match.value) if match.operator == "starts_with" else match.value in text


def is_moment(moment: datetime, when: c.Moment | None) -> bool:
    """On one of the weekdays and in the hours, by the clock on the client's wall."""
    if when is None:
        return True
    wall = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(TIME_ZONE))
    on_day = not when.weekdays or wall.weekday() in when.weekdays
    hours = list(range(24))
    if when.from_hour < when.to_hour:
        allowed = hours[when.from_hour : when.to_hour]
    else:
        allowed = hours[when.from_hour :] + hours[: when.to_hour]
    return on_day and wall.time() >= time() and wall.hour in allowed


def passes(value: Any, test: Any) -> bool:
    """One attribute's value passes the test of its own type."""
    if test.type == "known":
        return True
    if test.type == "text":
        return matches(str(value), test.match)
    if test.type == "boolean":
        return isinstance(value, bool) and value == test.value
    if test.type == "number":
        ends = (test.at_least, test.at_most)
        return isinstance(value, float) and _between(value, *ends)
    return isinstance(value, date) and _between(value, test.not_before, test.not_after)


def _between(value: Any, low: Any, high: Any) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
