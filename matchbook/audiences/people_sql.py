"""Conditions that one row of a wide table answers, or a list of members does."""

from __future__ import annotations

from datetime import datetime, time

from sqlglot import exp

from matchbook.audiences import sampling
from matchbook.audiences.conditions import (
    Attribute,
    BooleanTest,
    Condition,
    DateTest,
    InShare,
    Is,
    Match,
    NumberTest,
    OnList,
    SeenBy,
    Similar,
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


def is_among(members: exp.Query) -> exp.Expr:
    """The person is among these members."""
    return exp.In(this=exp.column("member_key", PERSON), query=members.subquery(copy=False))


def unit(column: str, context: Context) -> exp.Column:
    """A column of whoever is judged: the person, or each browser by itself."""
    return exp.column(column, BROWSER if context.each_browser else PERSON)


def since(condition: Since, context: Context) -> exp.Expr:
    """Uploads are a person's; first and last calls are a browser's too."""
    moment = datetime.combine(context.first_day(condition.days), time())
    since_then = context.parameters.add(moment)
    if condition.what == "uploaded":
        return _sure(exp.column("uploaded_at", PERSON) >= since_then)
    return unit(f"{condition.what}_at", context) >= since_then


def total(condition: Total, context: Context) -> exp.Expr:
    """A sum that the wide table has."""
    return unit(condition.of, context) >= context.parameters.add(condition.at_least)


def is_(condition: Is, _: Context) -> exp.Expr:
    """A flag of the person."""
    return exp.column(_IS[condition.what], PERSON)


def listed(condition: Condition, context: Context) -> tuple[str, exp.Expr] | None:
    """The table of which one row decides, and the test of that row; None for other conditions.

    Conditions joined by OR that share a table become one look at it.
    """
    if isinstance(condition, Attribute):
        name = exp.column("attribute").eq(context.parameters.add(condition.name))
        return "people_attributes", exp.and_(name, *_tests(condition, context))
    if isinstance(condition, SeenBy):
        moment = datetime.combine(context.first_day(condition.days), time())
        partner = exp.column("partner_id").eq(context.parameters.add(condition.partner))
        seen = exp.column("last_seen_at") >= context.parameters.add(moment)
        return "people_partners", exp.and_(partner, seen)
    if isinstance(condition, Uses) and not context.each_browser:
        column = exp.column(f"last_{condition.what}")
        return "visitors", matched(column, condition.match, context)
    return None


def one_row(condition: Attribute | SeenBy | Uses, context: Context) -> exp.Expr:
    """One row of its table, or this browser, is as the condition wants it."""
    found = listed(condition, context)
    if found is not None:
        return has_row(*found, context)
    assert isinstance(condition, Uses)
    return _sure(matched(exp.column(f"last_{condition.what}", BROWSER), condition.match, context))


def has_row(table: str, test: exp.Expr, context: Context) -> exp.Expr:
    """The person has a row in the table that passes."""
    members = exp.select("member_key").from_(table).where(test)
    return is_among(members.where(*context.in_scope(exp.column("member_key"))))


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
    return _sure(exp.In(this=column, query=listed.subquery(copy=False)))


def in_share(condition: InShare, context: Context) -> exp.Expr:
    """The same arithmetic as `sampling.draw`."""
    factor, offset = map(context.parameters.add, sampling.mixing(condition.salt))
    prime = context.parameters.add(sampling.PRIME)
    key = exp.paren(exp.Mod(this=exp.column("member_key", PERSON), expression=prime))
    mixed = exp.paren(exp.Mul(this=key, expression=factor) + offset)
    drawn = exp.Mod(this=mixed, expression=prime.copy())
    return drawn < context.parameters.add(sampling.threshold(condition.percent))


def similar(condition: Similar, context: Context) -> exp.Expr:
    """Is among those a lookalike found at its last refresh."""
    named = exp.column("lookalike").eq(context.parameters.add(condition.key))
    return is_among(exp.select("member_key").from_("lookalike_members").where(named))


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


def _sure(test: exp.Expr) -> exp.Expr:
    """What is not known does not hold; so its NOT does."""
    return exp.Coalesce(this=test, expressions=[exp.false()])
