"""What a study says of a seed with signal, of one without, and of one that tells on itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences import store
from matchbook.kept_audiences.worlds import Opened, open_world
from matchbook.lookalikes import at, in_words, lookalike
from matchbook.lookalikes.studying import Found, chosen, study
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.matchbook.kept_audiences.nights import SHOP, in_segment, make_client
from tests.matchbook.lookalikes.shops import BUYERS, DRAWN, ON_SALE, audience, open_shop


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    home: Path = tmp_path_factory.mktemp("shop")
    settings = make_client(Settings(home=home, now=NOW))
    rare = audience("rare", {"kind": "in_share", "percent": 4, "salt": "few"})
    for one in (BUYERS, ON_SALE, DRAWN, rare, in_segment("loyal", "everybody")):
        store.create(settings, SHOP, one, by="test")
    like = lookalike(name="like buyers", seed="buyers", people=100)
    store.create(settings, SHOP, like, by="test")
    with open_world(open_shop(settings), SHOP) as world:
        yield world


def studied(opened: Opened, seed: str, **wish: object) -> Found:
    wished = lookalike(name="like", seed=seed, people=200, **wish)  # type: ignore[arg-type]
    return study(opened, SHOP, wished)


@pytest.fixture(scope="module")
def buyers(opened: Opened) -> Found:
    return studied(opened, "buyers")


def test_a_seed_with_a_habit_is_found_and_said_why(buyers: Found) -> None:
    said = buyers.study
    assert said.label in ("usable", "strong"), said.rule
    assert said.refusal == ()
    assert any("visits section “garden”" in reason for reason in said.reasons), said.reasons
    first, last = said.sizes[0].quality, said.sizes[-1].quality
    assert first.precision > 1.5 * first.random > last.precision / 2
    assert all(one.quality.low <= one.quality.precision <= one.quality.high for one in said.sizes)
    assert in_words(first).startswith("Of 100 people on this list about ")


def test_the_list_holds_the_likest_without_the_seed(buyers: Found) -> None:
    wished = lookalike(name="like", seed="buyers", people=200)
    assert wished.similar is not None
    people = chosen(buyers, wished.similar)
    assert len(people) == 200
    assert not set(people.tolist()) & set(buyers.seed.tolist())
    gardeners = np.random.default_rng(1).random(1_500) < 0.25
    assert gardeners[people - 1].mean() > 0.7
    both = chosen(buyers, wished.similar.model_copy(update={"with_seed": True}))
    assert set(both.tolist()) == set(people.tolist()) | set(buyers.seed.tolist())


def test_the_same_build_and_draw_say_the_same(opened: Opened, buyers: Found) -> None:
    again = studied(opened, "buyers")
    assert again.study == buyers.study
    assert again.keys.tolist() == buyers.keys.tolist()
    other = studied(opened, "buyers", draw=2)
    assert other.study.auc != buyers.study.auc


def test_people_drawn_by_chance_have_no_signal(opened: Opened) -> None:
    found = studied(opened, "drawn")
    assert found.study.label == "no signal"
    assert "no better than people picked at random" in found.study.refusal[0]
    with pytest.raises(AudienceInvalid, match="at random"):
        chosen(found, lookalike(name="x", seed="drawn", people=100).similar)  # type: ignore[arg-type]


def test_a_page_is_no_credit_for_a_seed_defined_by_it(opened: Opened) -> None:
    found = studied(opened, "on-sale")
    assert found.study.label == "no signal", found.study.rule
    assert any("section “sale”" in said for said in found.study.not_used)
    assert any("Days on which" in said for said in found.study.not_used)


def test_a_small_seed_and_a_small_pool_are_refused(opened: Opened) -> None:
    rare = studied(opened, "rare").study
    assert rare.label is None
    assert "fewer than 100 people" in rare.refusal[0]
    assert rare.seed_people is None or rare.seed_people < 100
    whole = studied(opened, "everybody").study
    assert "left to choose from" in whole.refusal[0]


def test_pool_and_exclusions_narrow_the_list(opened: Opened, buyers: Found) -> None:
    narrow = studied(opened, "buyers", pool="cep_reachable", exclude=("drawn",))
    assert len(narrow.keys) < len(buyers.keys) / 2
    assert all(key % 2 for key in narrow.keys.tolist())
    reach = [one.reachable for one in narrow.study.sizes]
    assert reach == [one.quality.size for one in narrow.study.sizes]


def test_the_quality_of_any_size_lies_between_those_told(buyers: Found) -> None:
    sizes = [one.quality for one in buyers.study.sizes]
    middle = at(buyers.study, (sizes[3].size + sizes[4].size) // 2)
    ends = sorted((sizes[3].precision, sizes[4].precision))
    assert ends[0] <= middle.precision <= ends[1]


def test_a_lookalike_is_no_seed_and_a_seed_must_exist(opened: Opened) -> None:
    with pytest.raises(AudienceInvalid, match="lookalike itself"):
        studied(opened, "like-buyers")
    with pytest.raises(AudienceInvalid, match="does not exist"):
        studied(opened, "nobody")
