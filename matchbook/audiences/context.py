"""What the parts of one compilation share: the moment, the parameters, whose rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlglot import exp

from matchbook.audiences import sampling
from matchbook.audiences.definition import Definition
from matchbook.audiences.query import Parameters

Resolve = Callable[[str], Definition | None]
"""The definition of another audience by its id; None when there is none."""


@dataclass(frozen=True)
class Scope:
    """Members whose key is at least `low` and below `high`."""

    low: int
    high: int
    browsers: tuple[int, ...] = ()
    """All their visitor keys, where these are few and known: then hits are found by them."""


SAMPLE = Scope(0, sampling.SAMPLE_BELOW)
"""The members of estimates; a snapshot has a copy of their hits, `sampled_hits`."""


def one(member_key: int, browsers: Iterable[int]) -> Scope:
    """One person alone."""
    return Scope(member_key, member_key + 1, tuple(browsers))


def no_other(_: str) -> Definition | None:
    """Where there are no other audiences."""
    return None


@dataclass(frozen=True)
class World:
    """What definitions are asked of: one build of one client, and its other audiences."""

    as_of: datetime
    """The build's, in UTC without a zone."""
    time_zone: str = "UTC"
    """The client's, for weekdays and hours."""
    resolve: Resolve = no_other


@dataclass(frozen=True)
class Context:
    """One compilation. Replaced, not changed, on the way into another audience."""

    world: World
    look_back_days: int
    each_browser: bool
    scope: Scope | None = None
    inside: tuple[str, ...] = ()
    """Ids of the audiences that are being compiled, outermost first."""
    parameters: Parameters = field(default_factory=Parameters)
    shared: dict[str, tuple[str, exp.Query]] = field(default_factory=dict)
    """Other audiences, each compiled once: id → name in the WITH clause and its query."""

    def within(self, audience: str, definition: Definition) -> Context:
        """The same, for the conditions of another audience that is referred to."""
        return replace(
            self,
            look_back_days=definition.look_back_days,
            each_browser=definition.count_each_browser,
            inside=(*self.inside, audience),
        )

    def look_back(self, days: int | None) -> int:
        """Days of a condition: its own, or the definition's."""
        return self.look_back_days if days is None else days

    def first_day(self, days: int | None) -> date:
        """Where a look-back begins: so many whole UTC days before the day of the build."""
        return self.world.as_of.date() - timedelta(days=self.look_back(days))

    def in_look_back(self, days: int | None) -> list[exp.Expr]:
        """`hit_date` lies in the look-back, and not after the day of the build."""
        column = exp.column("hit_date")
        return [
            column >= self.parameters.add(self.first_day(days)),
            column <= self.parameters.add(self.world.as_of.date()),
        ]

    @property
    def hits_table(self) -> str:
        """Where single hits are read."""
        return "sampled_hits" if self.scope == SAMPLE else "visitor_hits"

    def in_scope(self, column: exp.Expr) -> list[exp.Expr]:
        """A member's key is one of those looked at; nothing when all are."""
        if self.scope is None:
            return []
        low, high = (self.parameters.add(key) for key in (self.scope.low, self.scope.high))
        return [column.copy() >= low, column.copy() < high]


def new_context(definition: Definition, world: World, scope: Scope | None = None) -> Context:
    """The start of one compilation: each has parameters of its own."""
    return Context(world, definition.look_back_days, definition.count_each_browser, scope)
