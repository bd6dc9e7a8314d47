"""Weekday and hour in the client's time zone, without asking the engine what time zones are.

The offsets of a look-back are found here and given as parameters; every engine can add seconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlglot import exp

from matchbook.audiences.conditions import Did, Moment
from matchbook.audiences.context import Context

ONE_SECOND = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("SECOND"))


def at_moment(condition: Did, context: Context) -> exp.Expr:
    """`hit_at` lies on the weekdays and in the hours of the condition."""
    if condition.when is None:
        return exp.true()
    begin = datetime.combine(context.first_day(condition.days), time())
    end = datetime.combine(context.world.as_of.date(), time()) + timedelta(days=1)
    local = _local(offsets(context.world.time_zone, begin, end), context)
    return exp.and_(*_hours(condition.when, local), *_weekdays(condition.when, local))


def offsets(time_zone: str, begin: datetime, end: datetime) -> list[tuple[datetime, int]]:
    """Seconds ahead of UTC, each with the UTC moment it begins to hold, between two moments."""
    zone = ZoneInfo(time_zone)
    found = [(begin, _offset(zone, begin))]
    day = begin
    while day < end:
        following = min(day + timedelta(days=1), end)
        if _offset(zone, following) != found[-1][1]:
            found.append((_change(zone, day, following), _offset(zone, following)))
        day = following
    return found


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second of the offset that holds at `after`."""
    new = _offset(zone, after)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (before, middle) if _offset(zone, middle) == new else (middle, after)
    return after


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    ahead = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return int(ahead.total_seconds()) if ahead is not None else 0


def _local(known: list[tuple[datetime, int]], context: Context) -> exp.Expr:
    if known[0][1:] == (0,) and len(known) == 1:
        return exp.column("hit_at")
    add = context.parameters.add
    ahead: exp.Expr = add(known[-1][1])
    if len(known) > 1:
        case = exp.Case()
        for (_, seconds), (until, _) in pairwise(known):
            case = case.when(exp.column("hit_at") < add(until), add(seconds))
        ahead = exp.paren(case.else_(ahead))
    return exp.paren(exp.column("hit_at") + exp.Mul(this=ahead, expression=ONE_SECOND.copy()))


def _hours(when: Moment, local: exp.Expr) -> list[exp.Expr]:
    hour = exp.Extract(this=exp.var("HOUR"), expression=local)
    after = [hour.copy() >= exp.Literal.number(when.from_hour)] if when.from_hour > 0 else []
    before = [hour.copy() < exp.Literal.number(when.to_hour)] if when.to_hour < 24 else []
    if when.from_hour > when.to_hour:
        return [exp.paren(exp.or_(*after, *before))]
    return [*after, *before]


def _weekdays(when: Moment, local: exp.Expr) -> list[exp.Expr]:
    if not when.weekdays:
        return []
    # sqlglot's own DayOfWeekIso is a day off in Spark's words; Spark refuses this name instead.
    weekday = exp.Extract(this=exp.var("DAYOFWEEKISO"), expression=local)
    return [weekday.isin(*(day + 1 for day in sorted(set(when.weekdays))))]
