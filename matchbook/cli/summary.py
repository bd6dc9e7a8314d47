"""What the demo tells at its end."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from matchbook import jobs
from matchbook.settings import Settings

COUNTS = ("lines", "accepted", "untracked", "quarantined", "duplicate", "not_ours")


def summary(settings: Settings) -> dict[str, Any]:
    """Lines, reasons, match rates, precision and recall, files delivered."""
    results = [job.result or {} for job in jobs.all_of(settings, "demo_night")]
    reasons: Counter[str] = Counter()
    for result in results:
        reasons.update(result.get("quarantined_by_reason", {}))
    found: dict[str, Any] = {name: sum(r.get(name, 0) for r in results) for name in COUNTS}
    found["quarantined_by_reason"] = dict(reasons.most_common())
    found["files_delivered"] = sum(r.get("deliveries", 0) for r in results)
    return found | {"home": str(settings.home)}


def table_of(found: dict[str, Any]) -> list[RenderableType]:
    """The same for people."""
    lines = Table(box=None, show_header=False, pad_edge=False)
    lines.add_row("Lines in", f"{found['lines']:,}")
    return [lines]
