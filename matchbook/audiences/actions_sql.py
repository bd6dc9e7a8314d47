"""Conditions over what browsers did: day sums where they are enough, single hits where not."""

from __future__ import annotations

from sqlglot import exp

from matchbook.audiences.conditions import Action, Did, Sequence
from matchbook.audiences.context import Context
from matchbook.audiences.day_bits import bits_set, day_bits
from matchbook.audiences.local_time import ONE_SECOND, at_moment
from matchbook.audiences.people_sql import BROWSER, is_among, matched

_HIT_TYPES = {
    "visited": ("page_view",),
    "event": ("event",),
    "identified": ("identify",),
    "clicked": ("click",),
    "read": ("read",),
    "clicked_or_read": ("click", "read"),
    "called": (),
}
_COLUMNS = {
    "site": "site_id",
    "section": "section",
    "page": "page_path",
    "event": "event_name",
    "message": "message_id",
}
_KEY = "visitor_key"


def needs_hits(condition: Did | Sequence) -> bool:
    """Whether day sums cannot answer it."""
    if isinstance(condition, Sequence):
        return True
    return condition.action.page is not None or condition.when is not None


def did(condition: Did, context: Context) -> exp.Expr:
    """Each browser's part first, then the person's: the sums are far fewer than the rows."""
    rows = _rows(condition, context)
    if condition.at_least == 1:
        return _among(rows.select(_KEY).distinct(), context)
    least = context.parameters.add(condition.at_least)
    if condition.counted == "days":
        seen = day_bits(context.look_back(condition.days), context)
        sums = rows.select(_KEY, *(exp.alias_(s, name) for name, s in seen.items())).group_by(_KEY)
        one, all_ = (bits_set(list(seen), together=together) for together in (False, True))
        return _enough(sums, one, all_, context, least)
    hits = exp.Count(this=exp.Star()) if needs_hits(condition) else _sum("hits")
    sums = rows.select(_KEY, exp.alias_(hits, "found")).group_by(_KEY)
    return _enough(sums, exp.column("found"), _sum("found"), context, least)


def sequence(condition: Sequence, context: Context) -> exp.Expr:
    """The newest first thing strictly before each second thing is near enough."""
    moments = _moments(condition, context)
    before = exp.WindowSpec(
        kind="ROWS",
        start="UNBOUNDED",
        start_side="PRECEDING",
        end=exp.Literal.number(1),
        end_side="PRECEDING",
    )
    first_at = exp.Case().when(exp.column("is_first"), exp.column("hit_at"))
    newest = exp.Window(
        this=exp.Max(this=first_at),
        partition_by=[exp.column("unit")],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column("hit_at"))]),
        spec=before,
    )
    looked = exp.select("unit", "hit_at", "is_then", exp.alias_(newest, "first_at")).from_(
        moments.subquery("moments", copy=False)
    )
    seconds = context.parameters.add(condition.within_hours * 3600)
    latest = exp.column("first_at") + exp.Mul(this=seconds, expression=ONE_SECOND.copy())
    found = exp.select("unit").from_(looked.subquery("looked", copy=False))
    return _judged(found.where(exp.column("is_then"), exp.column("hit_at") <= latest), context)


def _moments(condition: Sequence, context: Context) -> exp.Select:
    """One row per unit and moment at which the first or the second thing was done."""
    first, then = (is_action(a, context) for a in (condition.first, condition.then))
    hits = (
        exp.select(_KEY, "hit_at", exp.alias_(first, "is_first"), exp.alias_(then, "is_then"))
        .from_(context.hits_table)
        .where(*context.in_look_back(condition.days), *_of_scope(context.hits_table, context))
        .where(exp.or_(first.copy(), then.copy()))
    )
    unit = exp.column(_KEY) if context.each_browser else exp.column("member_key", "members")
    flags = [
        exp.alias_(exp.LogicalOr(this=exp.column(flag)), flag) for flag in ("is_first", "is_then")
    ]
    moments = exp.select(exp.alias_(unit, "unit"), "hit_at", *flags).from_(
        hits.subquery("hits", copy=False)
    )
    if not context.each_browser:
        moments = moments.join("members", using=[_KEY])
    return moments.group_by(unit.copy(), "hit_at")


def _rows(condition: Did, context: Context) -> exp.Select:
    table = context.hits_table if needs_hits(condition) else "visitor_actions"
    rows = exp.Select().from_(table).where(*context.in_look_back(condition.days))
    action = is_action(condition.action, context)
    rows = rows.where(action, *_of_scope(table, context))
    return rows.where(at_moment(condition, context)) if condition.when else rows


def is_action(action: Action, context: Context) -> exp.Expr:
    """A row of actions, or of single hits, is one of these."""
    types = _HIT_TYPES[action.what]
    kind = exp.column("hit_type")
    tests: list[exp.Expr] = []
    if types:
        tests.append(kind.isin(*types) if len(types) > 1 else kind.eq(types[0]))
    for name, column in _COLUMNS.items():
        if (match := getattr(action, name)) is not None:
            tests.append(matched(exp.column(column), match, context))
    return exp.paren(exp.and_(*tests)) if tests else exp.true()


def _of_scope(table: str, context: Context) -> list[exp.Expr]:
    within = context.in_scope(exp.column("member_key"))
    if not within or table == "sampled_hits":
        return []
    if context.scope is not None and context.scope.browsers:
        return [exp.column(_KEY).isin(*map(context.parameters.add, context.scope.browsers))]
    browsers = exp.select(_KEY).from_("members").where(*within)
    return [exp.In(this=exp.column(_KEY), query=browsers.subquery(copy=False))]


def _among(browsers: exp.Select, context: Context) -> exp.Expr:
    if context.each_browser:
        return exp.In(this=exp.column(_KEY, BROWSER), query=browsers.subquery(copy=False))
    found = exp.In(this=exp.column(_KEY), query=browsers.subquery(copy=False))
    return is_among(exp.select("member_key").from_("members").where(found))


def _enough(
    sums: exp.Select, one: exp.Expr, together: exp.Expr, context: Context, least: exp.Expr
) -> exp.Expr:
    """Most people have one browser, or one that is enough: only the rest is added up."""
    if context.each_browser:
        parts = sums.subquery("parts", copy=False)
        return _judged(exp.select(_KEY).from_(parts).where(one >= least), context)
    by_member = exp.select("members.member_key", "parts.*").from_(
        sums.subquery("parts", copy=False)
    )
    alone = exp.select("member_key").from_("parts").where(one >= least)
    added = exp.select("member_key").from_("parts").where(one.copy() < least.copy())
    added = added.group_by("member_key").having(together >= least.copy())
    found = exp.union(alone, added, distinct=False, copy=False)
    by_member = by_member.join("members", using=[_KEY])
    return is_among(found.with_("parts", as_=by_member, materialized=True, copy=False))


def _judged(found: exp.Select, context: Context) -> exp.Expr:
    if context.each_browser:
        return exp.In(this=exp.column(_KEY, BROWSER), query=found.subquery(copy=False))
    return is_among(found)


def _sum(name: str) -> exp.Sum:
    return exp.Sum(this=exp.column(name))
