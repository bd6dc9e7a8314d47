"""What a study says: all that a page or a command shows, and nothing of a single person."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from pydantic import BaseModel, ConfigDict

from matchbook.lookalikes.measures import Auc
from matchbook.lookalikes.quality import Calibration, Label, Quality


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Point(_Part):
    """One study in the course of time, for drift."""

    as_of: datetime
    label: Label
    auc: Auc


class Size(_Part):
    """A list of one size. None reads "<50"."""

    quality: Quality
    reachable: int | None
    """CEP contacts."""
    at_destination: int | None
    """The destination's own ids: the same as `reachable`, or the partner's cookies."""


class Study(_Part):
    """One lookalike as of one build. Shares are 0 to 1; times are naive UTC."""

    format: int = 1
    key: str
    """`Similar.study_key`: seed, pool, exclusions, destination and draw; not the size."""
    client_id: str
    name: str
    definition: str
    """As stored, see `matchbook.audiences.read`."""
    build_id: str
    snapshot: str
    as_of: datetime
    refusal: tuple[str, ...] = ()
    """Why there is no list, one sentence each; empty where there is one."""
    label: Label | None = None
    """None where nothing could be measured."""
    rule: str = ""
    auc: Auc | None = None
    auc_of_most_active: float | None = None
    """None where activity is what defines the seed."""
    remarks: tuple[str, ...] = ()
    seed_people: int | None = None
    pool_people: int | None = None
    """Rounded; None reads "<50"."""
    sizes: tuple[Size, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    reasons: tuple[str, ...] = ()
    """What people on the list (its likest tenth) do more or less than others."""
    not_used: tuple[str, ...] = ()
    """What the seed's definition gives away, in words."""
    history: tuple[Point, ...] = ()
    """Of earlier builds, oldest first, this one last."""


def at(study: Study, size: int) -> Quality:
    """What is expected of any size: between two sizes told, in proportion."""
    told = [one.quality for one in study.sizes]
    places = np.log([one.size for one in told])

    def between(field: str) -> float | None:
        values = [getattr(one, field) for one in told]
        if None in values:
            return None
        return float(np.interp(np.log(size), places, values))

    fields = ("precision", "low", "high", "random", "most_active", "lift")
    return Quality(size, **{name: between(name) for name in fields})  # type: ignore[arg-type]


def in_words(quality: Quality) -> str:
    """The one sentence that stands on the page."""
    return (
        f"Of 100 people on this list about {_of_100(quality.precision)} will do what your seed "
        f"did; picked at random about {_of_100(quality.random)}."
    )


def drift(study: Study) -> str:
    """What became of the quality since the first study, in a sentence; nothing before a second."""
    if len(study.history) < 2:
        return ""
    first, last = study.history[0], study.history[-1]
    since = f"{first.as_of.day} {first.as_of:%b}"
    moved = last.auc.value - first.auc.value
    if first.label != last.label:
        return f"Was {first.label} on {since}, is {last.label} now."
    if abs(moved) <= max(first.auc.high - first.auc.value, 0.02):
        return f"As good as on {since}."
    return f"Has become {'better' if moved > 0 else 'worse'} since {since}."


def _of_100(share: float) -> str:
    number = 100 * share
    return f"{number:.1f}" if 0 < number < 1.95 else f"{number:.0f}"
