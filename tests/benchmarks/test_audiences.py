"""Live counts of twenty audiences beside hand-written SQL and Polars (make bench).

`python -m tests.benchmarks.test_audiences FOLDER VISITORS HITS [KIND…]` takes other sizes, and
keeps the world it makes in the folder.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from matchbook.audiences import Estimate, World, compile_count, estimate
from tests.benchmarks.audience_polars import ANSWERS, Frames
from tests.benchmarks.audience_questions import DAYS, HITS, QUESTIONS, WIDE, Question
from tests.benchmarks.audience_world import AS_OF, connect, make

VISITORS = 1_000_000
ALL_HITS = 100_000_000
RUNS = 5
POLARS_RUNS = 2

MANY_VISITORS = 10_000_000
MANY_HITS = 40_000_000
"""The wide table does not grow with hits: enough for nearly every visitor to have one."""

SECONDS = {WIDE: 0.1, DAYS: 0.5, HITS: 3.0}
"""p95 of the exact live count at full size, compiling included."""
MANY_SECONDS = 1.0
"""p95 of the wide table with ten times the visitors."""
ESTIMATE_SECONDS = 1.0
"""Of an estimate, wherever the exact count takes longer."""
RATIO = 1.3
"""Compiled to hand-written SQL, by the processor seconds of the cheapest run of each."""
NOISE = 0.002
"""Seconds that a cheapest run differs by for nothing."""

WORLD = World(AS_OF)


@dataclass(frozen=True)
class Timed:
    """One question's seconds: all live counts, and the fastest run of each rival.

    `ratio_of` has the processor seconds of compiled and hand-written SQL.
    """

    question: Question
    live: tuple[float, ...]
    compiled: float
    by_hand: float
    ratio_of: tuple[float, float]
    polars: float
    estimated: float
    people: int
    guess: Estimate


@pytest.mark.bench
def test_live_counts(tmp_path: Path) -> None:
    make(tmp_path / "world", visitors=VISITORS, hits=ALL_HITS)
    results = measure(tmp_path / "world")
    print(f"\n{VISITORS:,} browsers, {ALL_HITS:,} calls, at most 4 GiB\n{table(results)}")
    for result in results:
        compiled, by_hand = result.ratio_of
        assert compiled <= RATIO * by_hand + NOISE, result.question.name
        if max(result.live) > ESTIMATE_SECONDS:
            assert result.estimated <= ESTIMATE_SECONDS, result.question.name
    for reads, most in SECONDS.items():
        assert p95(results, reads) <= most, reads


@pytest.mark.bench
def test_wide_counts_of_ten_times_the_visitors(tmp_path: Path) -> None:
    make(tmp_path / "world", visitors=MANY_VISITORS, hits=MANY_HITS, per_visit=1)
    results = measure(tmp_path / "world", (WIDE,))
    print(f"\n{MANY_VISITORS:,} browsers, at most 4 GiB\n{table(results)}")
    assert p95(results, WIDE) <= MANY_SECONDS


def measure(folder: Path, kinds: tuple[str, ...] = (WIDE, DAYS, HITS)) -> list[Timed]:
    """Every question of these kinds by every rival, in turns; they must agree."""
    connection = connect(folder)
    frames = Frames(connection, folder)
    return [_ask(q, connection, frames) for q in QUESTIONS if q.reads in kinds]


def p95(results: list[Timed], reads: str) -> float:
    """Of all live counts of one kind, the first of each question included, by nearest rank (s)."""
    every = sorted(s for r in results if r.question.reads == reads for s in r.live)
    return every[math.ceil(0.95 * len(every)) - 1]


def table(results: list[Timed]) -> str:
    """One line per question, then p95 by kind, the estimates and the memory."""
    lines = [
        f"{'ms':38}{'reads':12}{'compiled':>9}{'by hand':>9}{'ratio':>6}{'Polars':>9}"
        f"{'estimate':>9}{'people':>10}{'≈':>10}"
    ]
    for r in results:
        lines.append(
            f"{r.question.name:38}{r.question.reads:12}{r.compiled * 1e3:9.1f}"
            f"{r.by_hand * 1e3:9.1f}{r.ratio_of[0] / r.ratio_of[1]:6.2f}{r.polars * 1e3:9.1f}"
            f"{r.estimated * 1e3:9.1f}{r.people:10,}{r.guess.people:10,}"
        )
    inside = sum(r.guess.low <= r.people <= r.guess.high for r in results)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    kinds = dict.fromkeys(r.question.reads for r in results)
    lines += [f"p95 {reads}: {p95(results, reads) * 1e3:.0f} ms" for reads in kinds]
    lines.append(f"{inside} of {len(results)} exact counts in the interval of the estimate")
    lines.append(f"peak memory of the process, Polars included: {peak:.1f} GiB")
    return "\n".join(lines)


def _ask(question: Question, connection: duckdb.DuckDBPyConnection, frames: Frames) -> Timed:
    query = compile_count(question.definition, WORLD)
    sql, parameters = query.sql, query.parameters
    seconds: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    answers: dict[str, Any] = {}
    rivals: dict[str, Callable[[], Any]] = {
        "live": lambda: compile_count(question.definition, WORLD).rows(connection)[0],
        "compiled": lambda: connection.execute(sql, parameters).fetchall()[0],
        "by hand": lambda: connection.execute(question.by_hand).fetchall()[0],
        "estimate": lambda: estimate(question.definition, WORLD, connection),
    }
    polars = {"polars": lambda: frames.count(ANSWERS[question.name](frames))}
    # Polars has memory and threads of its own: in turns, the next live count would wait for them.
    for name, ask in [*rivals.items()] * RUNS + [*polars.items()] * POLARS_RUNS:
        begun, used = time.perf_counter(), time.process_time()
        answers[name] = ask()
        processor.setdefault(name, []).append(time.process_time() - used)
        seconds.setdefault(name, []).append(time.perf_counter() - begun)
    assert answers["live"] == answers["by hand"] == answers["polars"], question.name
    fastest = {name: min(runs) for name, runs in seconds.items()}
    return Timed(
        question,
        tuple(seconds["live"]),
        fastest["compiled"],
        fastest["by hand"],
        (min(processor["compiled"]), min(processor["by hand"])),
        fastest["polars"],
        fastest["estimate"],
        answers["live"][0],
        answers["estimate"],
    )


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if not place.exists():
        make(place, visitors=int(sys.argv[2]), hits=int(sys.argv[3]))
    print(table(measure(place, tuple(sys.argv[4:]) or (WIDE, DAYS, HITS))))
