"""AUC, lift, sizes, labels and reasons, beside independent arithmetic."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from matchbook.lookalikes.features import Feature
from matchbook.lookalikes.measures import Auc, auc, found_in, lift
from matchbook.lookalikes.quality import calibration, label_of, qualities, sizes_of
from matchbook.lookalikes.reasons import giveaways, reasons
from matchbook.lookalikes.study import Point, Study, drift


def drawn(seed: int, shift: float, size: int = 2_000, share: float = 0.1) -> np.ndarray:
    """Who is seed, in the order of a score that knows it by so much."""
    chance = np.random.default_rng(seed)
    is_seed = chance.random(size) < share
    return is_seed[np.argsort(-(chance.normal(size=size) + shift * is_seed))]


def test_auc_is_that_of_others() -> None:
    is_seed = drawn(1, 0.7)
    assert auc(is_seed).value == pytest.approx(roc_auc_score(is_seed, -np.arange(len(is_seed))))
    assert auc(np.zeros(5, dtype=bool)) == Auc(0.5, 0.0, 1.0)


def test_95_percent_of_intervals_hold_the_truth() -> None:
    truth = auc(drawn(0, 0.7, size=400_000)).value
    inside = [one.low <= truth <= one.high for one in (auc(drawn(n, 0.7)) for n in range(1, 301))]
    assert 0.92 <= np.mean(inside) <= 0.98


def test_lift_and_what_is_found() -> None:
    is_seed = np.array([1, 1, 0, 0, 1, 0, 0, 0, 0, 0], dtype=bool)
    assert found_in(is_seed, 2) == 2
    assert lift(is_seed, 0.2) == pytest.approx(1 / 0.3)
    assert lift(~is_seed & False, 0.2) == 0


def test_expected_precision_holds_the_truth_of_a_hidden_half() -> None:
    inside = []
    for n in range(60):
        all_of_them = drawn(n, 1.0, size=4_000)
        hidden = all_of_them & (np.random.default_rng(n).random(4_000) < 0.5)
        known = all_of_them & ~hidden
        for told in qualities(sizes_of(4_000, 100), known, ~known, None, 1.0):
            truth = hidden[~known][: told.size].mean()
            inside.append(told.low <= truth <= told.high)
    assert np.mean(inside) >= 0.93


def test_most_active_and_random_stand_beside() -> None:
    is_seed, chance = drawn(1, 1.0), drawn(2, 0.0)
    (told,) = qualities([100], is_seed, ~is_seed, (chance, ~chance))
    assert told.random == pytest.approx(is_seed.mean())
    assert told.most_active is not None
    assert told.precision > told.most_active
    assert told.lift == pytest.approx(told.precision / told.random)


@pytest.mark.parametrize(
    ("low", "label"), [(0.80, "strong"), (0.74, "usable"), (0.59, "weak"), (0.52, "no signal")]
)
def test_the_label_goes_by_the_low_end(low: float, label: str) -> None:
    found, rule = label_of(Auc(0.9, low, 1.0))
    assert found == label
    assert f"at least {low:.0%}".replace("%", " %") in rule


def test_sizes_are_round_and_never_under_a_hundred() -> None:
    assert sizes_of(12_345, 100)[:3] == [120, 240, 370]
    assert sizes_of(1_500, 100) == [100, 110, 150, 220, 300, 450, 750]
    assert sizes_of(99, 100) == []


def test_calibration_groups_everybody() -> None:
    rows = calibration(np.linspace(0.9, 0.1, 105), np.arange(105) < 50)
    assert len(rows) == 10
    assert (rows[0].found, rows[-1].found) == (1.0, 0.0)
    assert all(row.low <= row.found <= row.high for row in rows)


FEATURES = (Feature("section", "support"), Feature("browser", "Firefox"), Feature("site", "rare"))


def rows(people: int = 1_000) -> tuple[np.ndarray, np.ndarray]:
    on_list = np.arange(people) < people // 10
    visits = np.where(on_list, 6, np.arange(people) % 2 * 2).astype(float)
    firefox = np.where(on_list, np.arange(people) % 4 > 0, np.arange(people) % 4 == 0)
    rare = np.arange(people) < 40
    return np.column_stack([visits, firefox, rare]).astype(np.float32), on_list


def test_reasons_are_of_groups_and_in_words() -> None:
    found = reasons(FEATURES, *rows())
    assert found == (
        "visits section “support” 6.0 × more often",
        "uses browser “Firefox”: 75 % of them, 25 % of others",
    )


def test_nothing_is_said_of_a_few_people() -> None:
    assert reasons(FEATURES, *rows(people=490)) == ()


def test_one_thing_that_tells_all_is_pointed_out() -> None:
    (said,) = giveaways(FEATURES, *rows())
    assert "support" in said
    assert giveaways(FEATURES[1:2], rows()[0][:, 1:2], rows()[1]) == ()


@pytest.mark.parametrize(
    ("labels", "aucs", "said"),
    [
        (("usable",), (0.7,), ""),
        (("usable", "usable"), (0.7, 0.71), "As good as on 1 Nov."),
        (("usable", "usable"), (0.7, 0.62), "Has become worse since 1 Nov."),
        (("usable", "weak"), (0.7, 0.55), "Was usable on 1 Nov, is weak now."),
    ],
)
def test_drift_in_a_sentence(labels: tuple[str, ...], aucs: tuple[float, ...], said: str) -> None:
    points = tuple(
        Point(
            as_of=datetime(2026, 11, day), label=label, auc=Auc(value, value - 0.02, value + 0.02)
        )  # type: ignore[arg-type]
        for day, (label, value) in enumerate(zip(labels, aucs, strict=True), 1)
    )
    whole = Study(key="k", client_id="c", name="n", definition="", build_id="b", snapshot="s",
                  as_of=datetime(2026, 11, 2), history=points)  # fmt: skip
    assert drift(whole) == said
