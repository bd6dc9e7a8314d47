"""Running the harness on a client's audience or on any table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences.worlds import open_world
from matchbook.lookalikes.crowd import gather
from matchbook.lookalikes.definition import lookalike
from matchbook.lookalikes.evaluation import Summary, evaluate
from matchbook.lookalikes.history import create_history
from matchbook.lookalikes.leaks import leaks_of
from matchbook.lookalikes.people_source import people_source
from matchbook.lookalikes.source import Flags, Source, draws
from matchbook.lookalikes.table_source import load_table
from matchbook.reading import FOR_JOBS
from matchbook.settings import Settings

MOST_PEOPLE = 200_000
"""Of a client: the rivals hold all rows in memory. A stable sample stands for more."""

FEWEST_SEEDS = 50
"""Half of which is hidden."""


@dataclass(frozen=True)
class Evaluated:
    """What was measured on what."""

    people: int
    seed: int
    features: int
    methods: tuple[Summary, ...]


def evaluate_table(
    path: Path, numbers: Iterable[int], *, seed_column: str, key: str | None, drop: tuple[str, ...]
) -> Evaluated:
    """On a CSV or Parquet file. Raises InputRejected, AudienceInvalid for too few seeds."""
    with tempfile.TemporaryDirectory() as folder:
        source, is_seed = load_table(
            path, Path(folder), seed_column=seed_column, key_column=key, drop=drop
        )
        return _evaluate(source, is_seed, numbers)


def evaluate_audience(
    settings: Settings, client_id: str, seed: str, numbers: Iterable[int]
) -> Evaluated:
    """On an audience as of the published build, without what its definition gives away.

    Raises AudienceInvalid, SnapshotUnavailable.
    """
    similar = lookalike(name="evaluated", seed=seed, people=100).similar
    assert similar is not None
    with open_world(settings, client_id, limits=FOR_JOBS) as opened:
        leaks = leaks_of(seed, opened.world)
        create_history(opened.connection, opened.world, leaks)
        crowd = gather(opened, similar, leaks)
        order = np.argsort(draws(crowd.keys, "lookalike evaluated"), kind="stable")
        kept = np.sort(order[:MOST_PEOPLE])
        crowd = replace(crowd, keys=crowd.keys[kept], is_seed=crowd.is_seed[kept])
        source = people_source(opened.connection, crowd.keys, leaks)
        return _evaluate(source, crowd.is_seed, numbers)


def _evaluate(source: Source, is_seed: Flags, numbers: Iterable[int]) -> Evaluated:
    seeds = int(is_seed.sum())
    if seeds < FEWEST_SEEDS or len(is_seed) - seeds < FEWEST_SEEDS:
        raise AudienceInvalid(
            f"There are fewer than {FEWEST_SEEDS} people in the seed, or beside it.",
            kept="Nothing was changed.",
            todo="Choose a larger one: half of it is hidden.",
        )
    methods = tuple(evaluate(source, is_seed, numbers))
    return Evaluated(len(is_seed), seeds, len(source.features), methods)
