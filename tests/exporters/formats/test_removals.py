"""A person who opted out leaves every partner that can take it. bad_inputs DL10."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from matchbook.partners import Partner, load_partners
from tests.exporters.formats.pairs import Pair, profile, rendered
from tests.exporters.formats.test_csv import content_of

GONE, STAYS = "cookie-gone", "cookie-stays"
PAIRS: list[Pair] = [
    (GONE, "person", "remove", None),
    (STAYS, "other", "seen", "2026-11-21T00:00:00Z"),
]


@pytest.mark.parametrize("case", ["DL10"])
@pytest.mark.parametrize("partner", load_partners(), ids=lambda partner: partner.partner_id)
def test_the_pair_is_taken_back_or_not_mentioned(
    case: str, partner: Partner, tmp_path: Path
) -> None:
    files = rendered(profile(partner.partner_id), tmp_path, PAIRS)
    lines = [line for file in files for line in lines_of(file.path)]
    told = [line for line in lines if GONE in line]
    assert any(STAYS in line for line in lines)
    assert len(told) == (0 if partner.delivery.removals.how == "unable" else 1)
    marks = {"row": ("remove", "DELETE"), "file": ("USER_AGENT",), "unable": ()}
    assert all(any(m in line for m in marks[partner.delivery.removals.how]) for line in told)


def lines_of(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        return [repr(row) for row in duckdb.sql(f"from '{path}'").fetchall()]
    return content_of(path).decode().splitlines()


def test_who_cannot_take_removals_is_known_by_name() -> None:
    unable = {p.partner_id for p in load_partners() if p.delivery.removals.how == "unable"}
    assert unable == {"spotler", "weborama", "permutive"}
