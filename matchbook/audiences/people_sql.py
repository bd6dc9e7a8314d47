"""Conditions that one row of a wide table answers, or a list of members does."""

from __future__ import annotations

from datetime import datetime, time

from sqlglot import exp

from matchbook.audiences import sampling
from matchbook.audiences.conditions import (
    Attribute,
    BooleanTest,
    DateTest,
    InShare,
    Is,
    Match,
    NumberTest,
    OnList,
    SeenBy,
    Since,
    TextTest,
    Total,
    Uses,
)
from matchbook.audiences.context import Context

PERSON = "person"
BROWSER = "browser"
"""How the outer query calls the rows of `people` and `visitors`."""

_IS = {
    "matched": "is_matched",
    "cep_contact": "has_cep_contact",
    "cep_reachable": "is_cep_reachable",
}


def matched(column: exp.Expr, match: Match, context: Context) -> exp.Expr:
    """A text compared as the match says."""
    value = context.parameters.add(match.value)
    if match.operator == "equals":
        return exp.EQ(this=column, expression=value)
    if match.operator == "starts_with":
        return exp.StartsWith(this=column, expression=value)
    return exp.Contains(this=column, expression=value)


def is_among(members: exp.Select) -> exp.Expr:
    """The person is among these members."""
    return exp.In(this=exp.column("member_key", PERSON), query=members.subquery())


def unit(column: str, context: Context) -> exp.Column:
    """A column of whoever is judged: the person, or each browser by itself."""
    return exp.column(column, BROWSER if context.each_browser else PERSON)


def since(condition: Since, context: Context) -> exp.Expr:
    """Uploads are a person's; first and last calls are a browser's too."""
    moment = datetime.combine(context.first_day(condition.days), time())
    names = {"first_seen": "first_seen_at", "last_seen": "last_seen_at"}
    if condition.what == "uploaded":
        column = exp.column("uploaded_at", PERSON)
    else:
        column = unit(names[condition.what], context)
    return _sure(column >= context.parameters.add(moment))


def total(condition: Total, context: Context) -> exp.Expr:
    """A sum that the wide table has."""
    return _sure(unit(condition.of, context) >= context.parameters.add(condition.at_least))


def is_(condition: Is, _: Context) -> exp.Expr:
    """A flag of the person."""
    return _sure(exp.column(_IS[condition.what], PERSON))


def uses(condition: Uses, context: Context) -> exp.Expr:
    """One of the browsers is like this."""
    name = f"last_{condition.what}"
    if context.each_browser:
        return _sure(matched(exp.column(name, BROWSER), condition.match, context))
    found = matched(exp.column(name), condition.match, context)
    return is_among(_members("visitors", context).where(found))


def seen_by(condition: SeenBy, context: Context) -> exp.Expr:
    """The partner's cookie was seen."""
    moment = datetime.combine(context.first_day(condition.days), time())
    found = exp.and_(
        exp.column("partner_id").eq(context.parameters.add(condition.partner)),
        exp.column("last_seen_at") >= context.parameters.add(moment),
    )
    return is_among(_members("people_partners", context).where(found))


def attribute(condition: Attribute, context: Context) -> exp.Expr:
    """One attribute of the CRM record."""
    name = exp.column("attribute").eq(context.parameters.add(condition.name))
    found = exp.and_(name, *_tests(condition, context))
    return is_among(_members("people_attributes", context).where(found))


def on_list(condition: OnList, context: Context) -> exp.Expr:
    """The CRM record is on the uploaded list."""
    listed = (
        exp.select("crm_record_id")
        .from_("audience_lists")
        .where(
            exp.column("list_id").eq(context.parameters.add(condition.list)),
            exp.column("crm_record_id").is_(exp.null()).not_(),
        )
    )
    column = exp.column("crm_record_id", PERSON)
    return _sure(exp.In(this=column, query=listed.subquery()))


def in_share(condition: InShare, context: Context) -> exp.Expr:
    """The same arithmetic as `sampling.draw`."""
    factor, offset = map(context.parameters.add, sampling.mixing(condition.salt))
    prime = context.parameters.add(sampling.PRIME)
    key = exp.paren(exp.Mod(this=exp.column("member_key", PERSON), expression=prime))
    mixed = exp.paren(exp.Mul(this=key, expression=factor) + offset)
    drawn = exp.Mod(this=mixed, expression=prime.copy())
    return drawn < context.parameters.add(sampling.threshold(condition.percent))


def _tests(condition: Attribute, context: Context) -> list[exp.Expr]:
    test, add = condition.test, context.parameters.add
    if isinstance(test, TextTest):
        return [matched(exp.column("value"), test.match, context)]
    if isinstance(test, BooleanTest):
        return [exp.column("value_boolean").eq(add(test.value))]
    if isinstance(test, NumberTest):
        return _between("value_number", test.at_least, test.at_most, context)
    if isinstance(test, DateTest):
        return _between("value_date", test.not_before, test.not_after, context)
    return []


def _between(name: str, low: object, high: object, context: Context) -> list[exp.Expr]:
    column, add = exp.column(name), context.parameters.add
    return [
        *([column.copy() >= add(low)] if low is not None else []),  # type: ignore[arg-type]
        *([column.copy() <= add(high)] if high is not None else []),  # type: ignore[arg-type]
    ]


def _members(table: str, context: Context) -> exp.Select:
    found = exp.select("member_key").from_(table)
    return found.where(*context.in_scope(exp.column("member_key")))


def _sure(test: exp.Expr) -> exp.Expr:
    """What is not known does not hold; so its NOT does."""
    return exp.Coalesce(this=test, expressions=[exp.false()])
