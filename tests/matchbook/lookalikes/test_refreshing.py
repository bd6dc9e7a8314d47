"""A lookalike over several nights: an audience like any other."""

from __future__ import annotations

import pytest

from matchbook import jobs
from matchbook.audiences.sentences import describe
from matchbook.cli.work import drain
from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences import members, refreshes, sizes, store
from matchbook.kept_audiences.refreshing import refresh_all
from matchbook.kept_audiences.why import why
from matchbook.lookalikes import ask, asked, drift, lookalike, read
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import SHOP, make_client
from tests.matchbook.lookalikes.shops import BUYERS, DRAWN, audience, did, open_shop

LIKE = lookalike(name="Like buyers", seed="buyers", people=200)


@pytest.fixture
def shop(settings: Settings) -> Settings:
    make_client(settings)
    for one in (BUYERS, DRAWN):
        store.create(settings, SHOP, one, by="test")
    return settings


def people_in(settings: Settings, audience_id: str) -> set[int]:
    found = refreshes.newest(settings, SHOP, done=True)[audience_id]
    rows = members.read(settings, SHOP, audience_id, found.file_name)
    return set(members.keys(rows).tolist())


def test_it_is_refreshed_with_every_build_and_drift_is_kept(shop: Settings) -> None:
    like = store.create(shop, SHOP, LIKE, by="test")
    inside = {"kind": "all", "of": [{"kind": "in_audience", "audience": like.audience_id},
                                    did("visited", section="garden")]}  # fmt: skip
    store.create(shop, SHOP, audience("inside", inside), by="test")
    refresh_all(open_shop(shop))
    first = people_in(shop, "like-buyers")
    assert (len(first), like.kind) == (200, "lookalike")
    assert people_in(shop, "inside") < first
    assert not first & people_in(shop, "buyers")

    refresh_all(open_shop(shop, night=1))
    newest = refreshes.newest(shop, SHOP)["like-buyers"]
    assert (newest.people, newest.state) == (200, "done")
    assert newest.entered == newest.left != 0
    assert LIKE.similar is not None
    study = read(shop, SHOP, LIKE.similar.study_key)
    assert study is not None
    assert len(study.history) == 2
    assert drift(study)
    assert len(sizes.trend(shop, SHOP, "like-buyers")) == 2

    someone = min(people_in(shop, "like-buyers"))
    answer = why(shop, SHOP, "like-buyers", f"r{someone}", by="test")
    assert (answer.is_in, answer.conditions[0].holds) == (True, True)


def test_without_signal_the_refresh_says_so(shop: Settings) -> None:
    store.create(shop, SHOP, lookalike(name="None", seed="drawn", people=200), by="test")
    done = {one.audience_id: one for one in refresh_all(open_shop(shop))}
    assert done["none"].state == "failed"
    assert "no better than people picked at random" in (done["none"].reason or "")


def test_a_page_asks_for_a_study_before_anything_is_saved(shop: Settings) -> None:
    night = open_shop(shop)
    assert LIKE.similar is not None
    assert read(night, SHOP, LIKE.similar.study_key) is None
    job_id = ask(night, SHOP, LIKE)
    other_size = lookalike(name="Like buyers", seed="buyers", people=900)
    waiting = asked(night, SHOP, other_size)
    assert waiting is not None
    assert waiting.job_id == job_id
    drain(night, say=lambda _: None)
    job = jobs.get(night, job_id)
    assert (job.status, asked(night, SHOP, LIKE)) == ("done", None)
    study = read(night, SHOP, LIKE.similar.study_key)
    assert study is not None
    assert (job.result or {})["label"] == study.label
    assert store.all_of(night, SHOP)[-1].kind == "custom"


def test_a_lookalike_stands_alone_and_in_no_circle(shop: Settings) -> None:
    similar = LIKE.enter.model_dump()
    for enter in ({"kind": "all", "of": [similar, did("visited")]}, {"kind": "not", "of": similar}):
        with pytest.raises(AudienceInvalid, match="nothing but"):
            audience("mixed", enter)
    with pytest.raises(AudienceInvalid, match="does not exist"):
        store.create(shop, SHOP, lookalike(name="x", seed="nobody", people=100), by="test")
    store.create(shop, SHOP, LIKE, by="test")
    circle = audience("buyers", {"kind": "in_audience", "audience": "like-buyers"})
    with pytest.raises(AudienceInvalid, match="itself"):
        store.save(shop, SHOP, "buyers", circle, by="test")


def test_it_is_told_in_words() -> None:
    wish = lookalike(name="x", seed="a", people=1_000, pool="matched", exclude=("b",))
    assert describe(wish, {"a": "Buyers", "b": "Staff"}.__getitem__) == (
        "Everyone who is among the 1,000 people most like audience “Buyers” · only people matched "
        "with a CRM record · its own people left out · without those of “Staff”."
    )
