"""The collector under a steady load: no errors, and as many lines as answers (P8)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from matchbook.settings import Settings
from tests.asynchronous import run
from tests.collecting import collecting
from tests.inbox_landing import landed
from tests.load import LOADED, Told, mixed_calls, paced, percentile


def test_lines_are_answers(tmp_path: Path) -> None:
    told, lost = sustained(tmp_path, rate=400, seconds=1)
    assert (told.answers, told.errors, lost) == (400, 0, 0)


@pytest.mark.proof
@pytest.mark.timed
def test_a_minute_at_a_thousand_a_second(tmp_path: Path) -> None:
    """The stated size of P8; a wait counts from when its call was due."""
    told, lost = sustained(tmp_path, rate=1_000, seconds=60)
    p99, late = (percentile(times, 0.99) * 1e3 for times in (told.waits, told.lateness))
    print(
        f"\n60,000 calls in 60 s: {told.errors} errors, p99 {p99:.1f} ms (the client's own delay "
        f"{late:.1f} ms), {lost} acknowledged calls without a line"
    )
    assert (told.answers, told.errors, lost) == (60_000, 0, 0)
    assert p99 < 100


def sustained(home: Path, *, rate: int, seconds: int) -> tuple[Told, int]:
    """Load a collector, stop it and ingest; also how many acknowledged calls have no hit.

    Asserts that there are as many lines as answers, each accounted for.
    """
    with collecting(Settings(home=home), LOADED) as collector:
        calls = mixed_calls(collector.keys, seed=1)
        told = run(paced(collector.port, calls, rate=rate, seconds=seconds))
        lines = collector.close()
        assert len(lines) == told.answers
        outcomes, hits = landed(collector.settings, LOADED, collector.keys)
    assert sum(outcomes.values()) == len(lines)
    assert ("duplicate", None) not in outcomes
    found = Counter(hit["partner_cookie_id"] or str(hit["cep_contact_id"]) for hit in hits)
    assert set(found.values()) == {1}
    return told, len([mark for mark in told.acknowledged if mark not in found])
