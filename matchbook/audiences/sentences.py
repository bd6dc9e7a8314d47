"""A definition in plain words, as the page shows it.

Values stand in typographic quotes and are otherwise as stored; whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import singledispatch

from matchbook.audiences.conditions import (
    Action,
    Attribute,
    BooleanTest,
    Condition,
    DateTest,
    Did,
    InAudience,
    InShare,
    Is,
    Match,
    Moment,
    NumberTest,
    OnList,
    SeenBy,
    Sequence,
    Similar,
    Since,
    TextTest,
    Total,
    Uses,
)
from matchbook.audiences.definition import All, AnyOf, Definition, Node, Not

Named = Callable[[str], str]
"""The name of another audience by its id, or of an uploaded list by `LIST` and its id."""

LIST = "list:"

_OPERATORS = {"starts_with": "that starts with", "contains": "that contains"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DONE: dict[str, tuple[str, str, str]] = {
    "visited": ("visited", "page", "a page"),
    "event": ("done", "event", "something"),
    "identified": ("signed in", "", ""),
    "clicked": ("clicked", "message", "an e-mail"),
    "read": ("read online", "message", "an e-mail"),
    "clicked_or_read": ("clicked or read online", "message", "an e-mail"),
    "called": ("been seen", "", ""),
}
"""What was done, the narrowing that says to what, and the words without it."""
_NOUNS = {
    "page": "page",
    "event": "event",
    "message": "e-mail",
    "section": "section",
    "site": "site",
}
_TOTALS = {
    "days_active": "active days",
    "hits": "calls",
    "page_views": "page views",
    "events": "events",
    "clicks": "e-mail clicks",
    "reads": "e-mails read online",
    "identifies": "sign-ins",
}
_SINCE = {"first_seen": "first seen", "last_seen": "last seen", "uploaded": "first uploaded"}
_POOLS = {
    "everyone": "",
    "matched": " · only people matched with a CRM record",
    "cep_contact": " · only people linked to a CEP contact",
    "cep_reachable": " · only people reachable in CEP",
}
_IS = {
    "matched": "matched with a CRM record",
    "cep_contact": "linked to a CEP contact",
    "cep_reachable": "reachable in CEP",
}


def describe(definition: Definition, named: Named = str) -> str:
    """The whole definition as one paragraph of text."""
    days = definition.look_back_days
    parts = [f"Everyone who {told(definition.enter, days, named)}."]
    if definition.leave is not None:
        parts.append(f"Out goes everyone who {told(definition.leave, days, named)}.")
    if definition.expires_after_days is not None:
        parts.append(f"Out goes everyone {_days(definition.expires_after_days)} after they came.")
    if definition.count_each_browser:
        parts.append("Each browser is judged by itself.")
    if definition.holdout_percent:
        parts.append(f"A random {definition.holdout_percent:g} % is never pushed.")
    return " ".join(parts)


def told(node: Node, look_back_days: int, named: Named = str) -> str:
    """A tree in words: AND and OR in capitals, brackets where they nest."""
    if isinstance(node, All | AnyOf):
        word = " AND " if isinstance(node, All) else " OR "
        return word.join(_bracketed(child, look_back_days, named) for child in node.of)
    if isinstance(node, Not):
        if isinstance(node.of, All | AnyOf | Not):
            return f"NOT ({told(node.of, look_back_days, named)})"
        return sentence(node.of, look_back_days, has=False, named=named)
    return sentence(node, look_back_days, named=named)


def sentence(
    condition: Condition, look_back_days: int, *, has: bool = True, named: Named = str
) -> str:
    """One condition, such as “has visited section “news” · in the last 30 days”."""
    if isinstance(condition, InAudience):
        return f"{_verb('is', has)} in audience {_quoted(named(condition.audience))}"
    if isinstance(condition, OnList):
        name = named(f"{LIST}{condition.list}").removeprefix(LIST)
        return f"{_verb('is', has)} on the uploaded list {_quoted(name)}"
    if isinstance(condition, Similar):
        return f"{_verb('is', has)} {_similar(condition, named)}"
    verb, rest = _said(condition)
    days = getattr(condition, "days", None)
    if hasattr(condition, "days") and not isinstance(condition, Since):
        rest += f" · in the last {_days(look_back_days if days is None else days)}"
    return f"{_verb(verb, has)} {rest}"


@singledispatch
def _said(condition: object) -> tuple[str, str]:
    """The verb, and the rest of the sentence without the look-back."""
    raise TypeError(type(condition).__name__)


@_said.register
def _(condition: Did) -> tuple[str, str]:
    parts = [_action(condition.action)]
    if condition.counted == "days" and condition.at_least > 1:
        parts.append(f"on at least {condition.at_least} days")
    elif condition.at_least > 1:
        parts.append(f"at least {condition.at_least} times")
    return "has", " · ".join(parts + _moment(condition.when))


@_said.register
def _(condition: Sequence) -> tuple[str, str]:
    hours = condition.within_hours
    within = _days(hours // 24) if hours % 24 == 0 else _number(hours, "hour")
    return "has", f"{_action(condition.first)} · then {_action(condition.then)} · within {within}"


@_said.register
def _(condition: Since) -> tuple[str, str]:
    return "was", f"{_SINCE[condition.what]} in the last {_days(condition.days)}"


@_said.register
def _(condition: Total) -> tuple[str, str]:
    return "has", f"had at least {condition.at_least} {_TOTALS[condition.of]} in all"


@_said.register
def _(condition: Uses) -> tuple[str, str]:
    if condition.what == "referrer_host":
        return "was", f"last sent by {_thing('web site', condition.match)}"
    return "has", f"used {_thing(condition.what.replace('_', ' '), condition.match)}"


@_said.register
def _(condition: SeenBy) -> tuple[str, str]:
    return "was", f"seen by partner {_quoted(condition.partner)}"


@_said.register
def _(condition: Is) -> tuple[str, str]:
    return "is", _IS[condition.what]


@_said.register
def _(condition: Attribute) -> tuple[str, str]:
    return "has a", f"CRM record whose {_quoted(condition.name)} {_tested(condition)}"


@_said.register
def _(condition: InShare) -> tuple[str, str]:
    return (
        "is",
        f"in a random {condition.percent:g} % of all people, drawn as {_quoted(condition.salt)}",
    )


def _bracketed(node: Node, look_back_days: int, named: Named) -> str:
    text = told(node, look_back_days, named)
    return f"({text})" if isinstance(node, All | AnyOf) else text


def _similar(condition: Similar, named: Named) -> str:
    own = "together with its own people" if condition.with_seed else "its own people left out"
    parts = [f"among the {condition.people:,} people most like audience "
             f"{_quoted(named(condition.seed))}{_POOLS[condition.pool]}", own]  # fmt: skip
    if condition.exclude:
        others = ", ".join(_quoted(named(other)) for other in condition.exclude)
        parts.append(f"without those of {others}")
    return " · ".join(parts)


def _tested(condition: Attribute) -> str:
    test = condition.test
    if isinstance(test, TextTest):
        operator = _OPERATORS.get(test.match.operator, "is").removeprefix("that ")
        return f"{operator} {_quoted(test.match.value)}"
    if isinstance(test, BooleanTest):
        return "is yes" if test.value else "is no"
    if isinstance(test, NumberTest):
        low, high = (None if n is None else f"{n:g}" for n in (test.at_least, test.at_most))
        return _range("is at least", low, "is at most", high)
    if isinstance(test, DateTest):
        first, last = (None if d is None else _date(d) for d in (test.not_before, test.not_after))
        return _range("is not before", first, "is not after", last)
    return "is known"


def _action(action: Action) -> str:
    verb, what, otherwise = _DONE[action.what]
    narrowed: dict[str, Match | None] = {name: getattr(action, name) for name in _NOUNS}
    parts = [verb]
    if what:
        match = narrowed.pop(what)
        parts.append(otherwise if match is None else _thing(_NOUNS[what], match))
    for name, match in narrowed.items():
        if match is not None:
            parts.append(f"{'in' if name == 'section' else 'on'} {_thing(_NOUNS[name], match)}")
    return " ".join(parts)


def _moment(when: Moment | None) -> list[str]:
    if when is None:
        return []
    parts = []
    if when.weekdays:
        parts.append("on " + " or ".join(_WEEKDAYS[day] for day in sorted(set(when.weekdays))))
    if (when.from_hour, when.to_hour) != (0, 24):
        parts.append(f"between {when.from_hour}:00 and {when.to_hour}:00")
    return parts


def _thing(noun: str, match: Match) -> str:
    if match.operator == "equals":
        return f"{noun} {_quoted(match.value)}"
    article = "an" if noun[0] in "aeiou" else "a"
    return f"{article} {noun} {_OPERATORS[match.operator]} {_quoted(match.value)}"


def _range(least: str, low: str | None, most: str, high: str | None) -> str:
    ends = [f"{words} {end}" for words, end in ((least, low), (most, high)) if end is not None]
    return " and ".join(ends)


def _verb(verb: str, has: bool) -> str:
    if has:
        return verb
    return "has no" if verb == "has a" else f"{verb} not"


def _quoted(text: str) -> str:
    return f"“{text}”"


def _date(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _days(days: int) -> str:
    return _number(days, "day")


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
