"""The one compiler: a definition becomes parameterised SQL over a client's snapshot.

Preview, overlap, push and lookalike all ask what is made here, so their counts cannot differ.
It reads `people`, `members`, `visitors`, `visitor_actions`, `visitor_hits`, `people_attributes`,
`people_partners`; and `audience_lists`, `audience_members` and `lookalike_members` where a
definition names one.
Suppressed people are in no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import singledispatch
from typing import Literal

from sqlglot import exp

from matchbook.audiences import actions_sql, people_sql
from matchbook.audiences.conditions import (
    Attribute,
    Did,
    InAudience,
    InShare,
    Is,
    OnList,
    SeenBy,
    Sequence,
    Similar,
    Since,
    Total,
    Uses,
)
from matchbook.audiences.context import Context, Scope, World, new_context
from matchbook.audiences.definition import All, AnyOf, Definition, Node, Not, boxes
from matchbook.audiences.people_sql import BROWSER, PERSON, is_among
from matchbook.audiences.query import Query
from matchbook.audiences.references import resolved


def compile_audience(definition: Definition, world: World, *, scope: Scope | None = None) -> Query:
    """`member_key` of each person who meets `enter` and not `leave`, each once.

    Raises AudienceInvalid when it refers to what does not exist or to itself; so do all below.
    """
    context = new_context(definition, world, scope)
    return finished(_members(qualifies(definition, context), context), context)


def compile_box(definition: Definition, box: Literal["enter", "leave"], world: World) -> Query:
    """`member_key` of each person who meets one box alone; a box that is not there has nobody."""
    context = new_context(definition, world)
    node = boxes(definition).get(box)
    test = exp.false() if node is None else holds(node, context)
    return finished(_members(test, context), context)


def compile_count(definition: Definition, world: World, *, scope: Scope | None = None) -> Query:
    """One row: `people`, and the `reachable` CEP contacts that were recognised in their browsers.

    Contacts are counted in CEP's own ids, each once, as a push does.
    """
    context = new_context(definition, world, scope)
    chosen = _members(qualifies(definition, context), context)
    people = exp.select(exp.Count(this=exp.Star())).from_("chosen")
    contacts = exp.Count(this=exp.Distinct(expressions=[exp.column("cep_contact_id")]))
    keys = exp.select("member_key").from_("chosen").subquery(copy=False)
    among = exp.In(this=exp.column("member_key"), query=keys)
    reachable = (
        exp.select(contacts)
        .from_("cep_contacts")
        .join("members", using=["visitor_key"])
        .where(exp.column("is_reachable"), among)
    )
    tree = exp.select(people.subquery("people"), reachable.subquery("reachable"))
    query = finished(tree, context)
    return replace(query, tree=query.tree.with_("chosen", as_=chosen, materialized=True))


def everybody(columns: dict[str, exp.Expr], context: Context) -> exp.Select:
    """Columns by name over all who are not suppressed: a row per person, or per browser."""
    key = exp.column("member_key", PERSON)
    named = [exp.alias_(column, name) for name, column in columns.items()]
    rows = exp.select(*named).from_(exp.alias_(exp.to_table("people"), PERSON, table=True))
    if context.each_browser:
        browsers = exp.alias_(exp.to_table("visitors"), BROWSER, table=True)
        rows = rows.join(browsers, on=exp.column("member_key", BROWSER).eq(key.copy()))
    allowed = exp.not_(exp.column("is_suppressed", PERSON))
    return rows.where(allowed, *context.in_scope(key))


def finished(tree: exp.Select, context: Context) -> Query:
    """The tree with the other audiences it refers to, and its parameters."""
    for name, members in context.shared.values():
        tree = tree.with_(name, as_=members)
    return Query(tree, context.parameters.values)


def qualifies(definition: Definition, context: Context) -> exp.Expr:
    """Meets `enter` and not `leave`, as a test of one row."""
    enters = holds(definition.enter, context)
    if definition.leave is None:
        return enters
    return exp.and_(enters, exp.not_(exp.paren(holds(definition.leave, context))))


def holds(node: Node, context: Context) -> exp.Expr:
    """A tree of conditions as a test of one row of `person` (and `browser`); never null."""
    if isinstance(node, All):
        return exp.and_(*(holds(child, context) for child in node.of), copy=False)
    if isinstance(node, AnyOf):
        return exp.paren(exp.or_(*_alternatives(node, context), copy=False))
    if isinstance(node, Not):
        return exp.not_(exp.paren(holds(node.of, context), copy=False), copy=False)
    return condition_holds(node, context)


def _alternatives(node: AnyOf, context: Context) -> Iterator[exp.Expr]:
    tables: dict[str, list[exp.Expr]] = {}
    for child in node.of:
        if isinstance(child, All | AnyOf | Not):
            yield holds(child, context)
        elif (found := people_sql.listed(child, context)) is None:
            yield condition_holds(child, context)
        else:
            tables.setdefault(found[0], []).append(found[1])
    for table, tests in tables.items():
        yield people_sql.has_row(table, exp.or_(*tests, copy=False), context)


@singledispatch
def condition_holds(condition: object, context: Context) -> exp.Expr:
    """One condition as a test of one row."""
    raise TypeError(type(condition).__name__)


_FAMILIES: tuple[tuple[type, Callable[..., exp.Expr]], ...] = (
    (Did, actions_sql.did),
    (Sequence, actions_sql.sequence),
    (Since, people_sql.since),
    (Total, people_sql.total),
    (Uses, people_sql.one_row),
    (SeenBy, people_sql.one_row),
    (Is, people_sql.is_),
    (Attribute, people_sql.one_row),
    (OnList, people_sql.on_list),
    (InShare, people_sql.in_share),
    (Similar, people_sql.similar),
)
for _type, _compile in _FAMILIES:
    condition_holds.register(_type, _compile)


@condition_holds.register
def _in_audience(condition: InAudience, context: Context) -> exp.Expr:
    definition = resolved(condition.audience, context.inside, context.world.resolve)
    if definition.keeps_people:
        named = exp.column("audience_id").eq(context.parameters.add(condition.audience))
        return is_among(exp.select("member_key").from_("audience_members").where(named))
    if condition.audience not in context.shared:
        inner = context.within(condition.audience, definition)
        members = _members(qualifies(definition, inner), inner)
        name = f"audience_{len(context.shared) + 1}"
        context.shared[condition.audience] = (name, members)
    return is_among(exp.select("member_key").from_(context.shared[condition.audience][0]))


def counted(context: Context, only: exp.Expr | None = None) -> exp.Expr:
    """People, each once, though each browser may be a row."""
    key = exp.column("member_key", PERSON)
    what = exp.Distinct(expressions=[key]) if context.each_browser else exp.Star()
    count = exp.Count(this=what)
    return exp.Filter(this=count, expression=exp.Where(this=only)) if only is not None else count


def _members(test: exp.Expr, context: Context) -> exp.Select:
    selected = everybody({"member_key": exp.column("member_key", PERSON)}, context).where(test)
    return selected.distinct() if context.each_browser else selected
