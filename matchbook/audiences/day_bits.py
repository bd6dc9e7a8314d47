"""Different days counted as bits of a number: one pass over the rows, where DISTINCT takes two."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from matchbook.audiences.context import Context

BITS = 63
"""Days in one number; its sign stays out of it."""


def day_bits(look_back: int, context: Context) -> dict[str, exp.Expr]:
    """By name, numbers with a bit for each day on which there is a row, newest days first."""
    today = exp.cast(context.parameters.add(context.world.as_of.date()), exp.DType.DATE)
    age = exp.DateDiff(this=today, expression=exp.column("hit_date"), unit=exp.var("DAY"))
    last = look_back // BITS
    return {f"days_{part}": _bits(age, part, last) for part in range(last + 1)}


def bits_set(names: list[str], *, together: bool) -> exp.Expr:
    """How many different days the named numbers have: one row's, or all rows' together."""
    counts = [_set(exp.column(name), together) for name in names]
    return reduce(lambda a, b: exp.Add(this=a, expression=b), counts[1:], counts[0])


def _set(bits: exp.Expr, together: bool) -> exp.Expr:
    every = exp.BitwiseOrAgg(this=bits) if together else bits
    return exp.cast(exp.BitwiseCount(this=every), exp.DType.BIGINT)


def _bits(age: exp.Expr, part: int, last: int) -> exp.Expr:
    one = exp.cast(exp.Literal.number(1), exp.DType.BIGINT)
    if not last:
        return exp.BitwiseOrAgg(this=exp.BitwiseLeftShift(this=one, expression=exp.paren(age)))
    bits = exp.Literal.number(BITS)
    place = exp.paren(exp.Mod(this=age.copy(), expression=bits))
    is_part = exp.EQ(
        this=exp.IntDiv(this=age.copy(), expression=bits.copy()),
        expression=exp.Literal.number(part),
    )
    bit = exp.BitwiseLeftShift(this=one, expression=place)
    return exp.BitwiseOrAgg(this=exp.Case().when(is_part, bit).else_(exp.Literal.number(0)))
