"""How the quality of a lookalike is written."""

from __future__ import annotations

from dashboard import formats
from matchbook.lookalikes import Study

LABELS = {
    "strong": "Strong",
    "usable": "Usable",
    "weak": "Weak",
    "no signal": "No signal",
}
NOT_STUDIED = "Not studied yet"
REFUSED = "No list possible"


def label_of(study: Study | None) -> str:
    """`Usable`; or that nobody has looked, or that there is no list."""
    if study is None:
        return NOT_STUDIED
    return LABELS.get(study.label or "", REFUSED)


def of_100(share: float) -> str:
    """`14`, or `1.4` where it is few."""
    number = 100 * share
    return formats.decimals(number, 1 if 0 < number < 1.95 else 0)


def between(low: float, high: float) -> str:
    """`11 to 17`, of 100."""
    return f"{of_100(low)} to {of_100(high)}"


def people(count: int) -> str:
    """`1,200 people`."""
    return f"{formats.group(count)} people"
