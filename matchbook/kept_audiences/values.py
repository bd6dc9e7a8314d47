"""What there is to choose from: values of the last weeks with how many people have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from matchbook.disclosure import rounded
from matchbook.kept_audiences.worlds import Opened
from matchbook.reading import select

LOOK_BACK_DAYS = 90
MOST = 50

Field = Literal[
    "site", "section", "event", "message", "device_type", "browser", "operating_system",
    "referrer_host", "partner", "attribute",
]  # fmt: skip

_DONE = {
    "site": "site_id",
    "section": "section",
    "event": "event_name",
    "message": "message_id",
}
_LOOKS = ("device_type", "browser", "operating_system", "referrer_host")

_COUNTED = """
select value, count(distinct member_key) as people
from (select {column} as value, member_key from {rows})
inner join (select member_key from people where not is_suppressed) using (member_key)
where value <> '' and contains(lower(value), lower($text))
group by value order by people desc, value limit $most
"""
_ACTIONS = (
    "(select distinct {column}, visitor_key from visitor_actions where hit_date >= $since) "
    "inner join members using (visitor_key)"
)
_ATTRIBUTES = """
select attribute, min(attribute_type), count(distinct attribute_type), count(*) as people
from people_attributes
inner join (select member_key from people where not is_suppressed) using (member_key)
group by attribute order by people desc, attribute
"""
_ATTRIBUTE_VALUES = "(from people_attributes where attribute = $attribute)"


@dataclass(frozen=True)
class Value:
    """A value and how many people have it; None reads "<50"."""

    value: str
    people: int | None


@dataclass(frozen=True)
class AttributeName:
    """An attribute of the CRM files."""

    name: str
    type: str
    """text, number, date or boolean; text where files disagree."""
    people: int | None


def values(opened: Opened, field: Field, text: str = "", *, most: int = MOST) -> list[Value]:
    """Values that contain a text, whatever its case, those of most people first."""
    bound: dict[str, object] = {"text": text, "most": most}
    if field in _DONE:
        rows, column = _ACTIONS.format(column=_DONE[field]), _DONE[field]
        bound["since"] = opened.world.as_of.date() - timedelta(days=LOOK_BACK_DAYS)
    elif field in _LOOKS:
        rows, column = "visitors", f"last_{field}"
    elif field == "partner":
        rows, column = "people_partners", "partner_id"
    else:
        rows, column = "people_attributes", "attribute"
    return _counted(opened, rows, column, bound)


def attribute_values(
    opened: Opened, attribute: str, text: str = "", *, most: int = MOST
) -> list[Value]:
    """Values of one attribute that contain a text, those of most people first."""
    bound: dict[str, object] = {"text": text, "most": most, "attribute": attribute}
    return _counted(opened, _ATTRIBUTE_VALUES, "value", bound)


def attributes(opened: Opened) -> list[AttributeName]:
    """All attributes, those of most people first."""
    found = select(opened.connection, _ATTRIBUTES).fetchall()
    return [
        AttributeName(name, kind if kinds == 1 else "text", rounded(people))
        for name, kind, kinds, people in found
    ]


def _counted(opened: Opened, rows: str, column: str, bound: dict[str, object]) -> list[Value]:
    sql = _COUNTED.format(column=column, rows=rows)
    return [Value(v, rounded(n)) for v, n in select(opened.connection, sql, bound).fetchall()]
