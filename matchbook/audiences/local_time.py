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

DAY = 86_400
_THURSDAY = 3
"""1970-01-01 was one; Monday is 0."""


def at_moment(condition: Did, context: Context) -> exp.Expr:
    """`hit_at` lies on the weekdays and in the hours of the condition."""
    if condition.when is None:
        return exp.true()
    begin = datetime.combine(context.first_day(condition.days), time())
    end = datetime.combine(context.world.as_of.date(), time()) + timedelta(days=1)
    local = _local_seconds(offsets(context.world.time_zone, begin, end), context)
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


def _local_seconds(known: list[tuple[datetime, int]], context: Context) -> exp.Expr:
    add = context.parameters.add
    ahead: exp.Expr = add(known[-1][1])
    if len(known) > 1:
        case = exp.Case()
        for (_, seconds), (until, _) in pairwise(known):
            case = case.when(exp.column("hit_at") < add(until), add(seconds))
        ahead = case.else_(ahead)
    seconds_utc = exp.cast(
        exp.Floor(this=exp.TimeToUnix(this=exp.column("hit_at"))), exp.DataType.Type.BIGINT
    )
    return exp.paren(seconds_utc + ahead)


def _hours(when: Moment, local: exp.Expr) -> list[exp.Expr]:
    if (when.from_hour, when.to_hour) == (0, 24):
        return []
    second = exp.Mod(this=local.copy(), expression=exp.Literal.number(DAY))
    after = second >= exp.Literal.number(when.from_hour * 3600)
    before = second.copy() < exp.Literal.number(when.to_hour * 3600)
    if when.from_hour < when.to_hour:
        return [after, before]
    return [exp.paren(exp.or_(after, before))]


def _weekdays(when: Moment, local: exp.Expr) -> list[exp.Expr]:
    if not when.weekdays:
        return []
    days = exp.paren(exp.IntDiv(this=local.copy(), expression=exp.Literal.number(DAY)))
    weekday = exp.Mod(this=exp.paren(days + _THURSDAY), expression=exp.Literal.number(7))
    return [weekday.isin(*sorted(set(when.weekdays)))]
