"""Worlds with a known truth, and how well confidence and threshold hold in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.demo import Score, WorldOptions, make_world, score
from ingest.demo.truth import true_pairs
from matchbook.cli.build import mirror_into_warehouse
from matchbook.cli.demo_nights import land_backlog
from matchbook.registry import Client
from matchbook.settings import Settings
from tests.warehouse.project import dbt

TUNING_SEEDS = (2, 3)
HELD_OUT_SEEDS = (101, 102, 103)
VISITORS = 20_000
DAYS = 120
END = date(2026, 11, 20)

DEFAULT_THRESHOLD: float = Client.model_fields["confidence_threshold"].default
SMALLEST_BIN = 300

PAIRS = "select * from warehouse.intermediate.int_visitor_records"


@dataclass(frozen=True)
class Bin:
    """Pairs whose confidence is close, and how many of them are right."""

    pairs: int
    confidence: float
    right: float


def make_home(home: Path, *, seed: int, visitors: int, days: int = DAYS) -> None:
    """A demo world, landed week by week, and the models up to the pairs as of its end."""
    land_home(home, seed=seed, visitors=visitors, days=days)
    match_home(home)


def land_home(home: Path, *, seed: int, visitors: int, days: int = DAYS) -> None:
    """A demo world, landed week by week and mirrored."""
    settings = Settings(home=home)
    home.mkdir(parents=True)
    options = WorldOptions(end=END, visitors=visitors, days=days, nights=0, seed=seed)
    land_backlog(settings, make_world(settings, options))
    mirror_into_warehouse(settings)


def match_home(home: Path) -> None:
    """The models up to the pairs as of the last day, from nothing but what has landed."""
    last_day = ("--vars", json.dumps({"restated_days": 1}))
    dbt(home, "run", "--full-refresh", "--select", "+int_visitor_records", *last_day)


def judged_pairs(home: Path) -> pa.Table:
    """Every pair with evidence as the build judged it, and `is_right` by the truth."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home}/warehouse.duckdb' as warehouse (read_only)")
        connection.register("truth", true_pairs(Settings(home=home)))
        return connection.sql(
            f"select pairs.*, coalesce(truth.is_right, false) as is_right from ({PAIRS}) as pairs "
            "left join truth using (client_id, visitor_id, crm_record_id) "
            "order by client_id, visitor_id, crm_record_id"
        ).to_arrow_table()


def score_home(home: Path, threshold: float = DEFAULT_THRESHOLD) -> Score:
    """Precision and recall of the pairs that are confident at a threshold."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home}/warehouse.duckdb' as warehouse (read_only)")
        query = f"select client_id, visitor_id, crm_record_id from ({PAIRS}) "
        kept = connection.execute(f"{query} where not is_hot and confidence >= ?", [threshold])
        return score(Settings(home=home), kept.fetchall())


def reliability(pairs: pa.Table) -> list[Bin]:
    """The tenths of confidence; one with fewer than 300 pairs is merged with the one above."""
    with duckdb.connect() as connection:
        connection.register("pairs", pairs)
        tenths = connection.execute(
            "select least(cast(floor(confidence * 10) as integer), 9) as tenth, count(*), "
            "avg(confidence), avg(cast(is_right as integer)) from pairs group by all order by all"
        ).fetchall()
    bins: list[Bin] = []
    for _, count, confidence, right in tenths:
        found = Bin(count, confidence, right)
        bins = [*bins[:-1], _merged(bins[-1], found)] if _is_small(bins) else [*bins, found]
    return [*bins[:-2], _merged(bins[-2], bins[-1])] if len(bins) > 1 and _is_small(bins) else bins


def calibration_error(bins: list[Bin]) -> float:
    """The expected calibration error: the mean distance of confidence and truth, by pairs."""
    pairs = sum(one.pairs for one in bins)
    return sum(one.pairs * abs(one.confidence - one.right) for one in bins) / pairs


def _is_small(bins: list[Bin]) -> bool:
    return bool(bins) and bins[-1].pairs < SMALLEST_BIN


def _merged(one: Bin, other: Bin) -> Bin:
    pairs = one.pairs + other.pairs
    mean = [
        (a * one.pairs + b * other.pairs) / pairs
        for a, b in ((one.confidence, other.confidence), (one.right, other.right))
    ]
    return Bin(pairs, *mean)
