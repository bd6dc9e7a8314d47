"""How loads look on the terminal and in JSON."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from rich.table import Table

if TYPE_CHECKING:
    from ingest.landing import LoadResult

COUNTS = ("lines", "accepted", "untracked", "quarantined", "duplicate", "not_ours")


def as_data(value: Any) -> dict[str, Any]:
    """A dataclass or a pydantic model as plain data."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return dict(dataclasses.asdict(value))


def summed(loads: Sequence[LoadResult]) -> dict[str, Any]:
    """The account of several loads as one; the five outcomes add up to `lines`."""
    reasons: Counter[str] = Counter()
    for load in loads:
        reasons.update(load.quarantined_by_reason)
    total: dict[str, Any] = {name: sum(getattr(load, name) for load in loads) for name in COUNTS}
    return total | {"quarantined_by_reason": dict(sorted(reasons.items()))}


def table_of(loads: Sequence[LoadResult]) -> Table:
    """One row per load."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("File")
    for name in COUNTS:
        table.add_column(
            "rejected" if name == "quarantined" else name.replace("_", " "), justify="right"
        )
    for load in loads:
        table.add_row(load.file_name, *(f"{getattr(load, name):,}" for name in COUNTS))
    return table


def reasons_of(loads: Sequence[LoadResult]) -> str:
    """Why lines were rejected, in one line; empty when none was."""
    reasons = summed(loads)["quarantined_by_reason"]
    return "Rejected: " + ", ".join(f"{n:,} {r}" for r, n in reasons.items()) if reasons else ""
