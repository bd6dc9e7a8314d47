"""One table between what it is made from and what is made from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.components.markup import escape
from dashboard.components.pick import pick, pressable


@dataclass(frozen=True)
class Table:
    """What a box says."""

    name: str
    layer: str
    seconds: str
    is_bad: bool = False


def lineage(
    parents: Sequence[Table],
    table: Table,
    children: Sequence[Table],
    *,
    key: str,
    on_pick: Callable[[str], None],
) -> None:
    """Three columns; pressing a box says which."""
    middle = f'<div class="mb-box mb-box-own">{_inner(table)}</div>'
    html = (
        f'<div class="mb-lineage">{_column("Made from", parents)}'
        f"<div><h3>This table</h3>{middle}</div>{_column('Goes into', children)}</div>"
    )
    pick(html, key=key, on_pick=on_pick)


def _column(title: str, tables: Sequence[Table]) -> str:
    boxes = "".join(pressable(_inner(one), one.name, classes="mb-box") for one in tables)
    return f"<div><h3>{title}</h3>{boxes or '<p>nothing</p>'}</div>"


def _inner(table: Table) -> str:
    bad = ' class="mb-trouble"' if table.is_bad else ""
    below = " · ".join(part for part in (table.layer, table.seconds) if part)
    return f"<b{bad}>{escape(table.name)}</b><small>{escape(below)}</small>"
