"""Saved audiences: versions, names, copies, the archive, and homes of before."""

from __future__ import annotations

import sqlite3

import pytest

from matchbook import runs
from matchbook.audiences import of
from matchbook.errors import AudienceInvalid, ConfigError
from matchbook.kept_audiences import refreshes, store
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import SHOP, busy, in_segment, make_client


@pytest.fixture
def shop(settings: Settings) -> Settings:
    return make_client(settings)


def test_every_save_is_a_version_and_the_same_once_more_is_none(shop: Settings) -> None:
    made = store.create(shop, SHOP, in_segment("loyal"), by="ana")
    renamed = made.definition.model_copy(update={"name": "Dear customers"})
    store.save(shop, SHOP, made.audience_id, renamed, by="ben")
    again = store.save(shop, SHOP, made.audience_id, renamed, by="cem")
    assert (again.audience_id, again.name, again.version) == ("loyal", "Dear customers", 2)
    saved = store.history(shop, SHOP, "loyal")
    assert [(one.version, one.definition.name, one.saved_by) for one in saved] == [
        (2, "Dear customers", "ben"),
        (1, "loyal", "ana"),
    ]


@pytest.mark.parametrize(
    ("name", "audience_id"),
    [
        ("Lapsed buyers (90 days)", "lapsed-buyers-90-days"),
        ("Café-bezoekers", "cafe-bezoekers"),
        ("🎉", "audience"),
        pytest.param("<img src=x onerror=alert(1)>", "img-src-x-onerror-alert-1", id="UI07-markup"),
        pytest.param("**bold**", "bold", id="UI07-markdown"),
        pytest.param("../../etc/passwd", "etc-passwd", id="path"),
        pytest.param("n" * 120, "n" * 60, id="UI07-long"),
    ],
)
def test_ids_are_plain_whatever_the_name(shop: Settings, name: str, audience_id: str) -> None:
    made = store.create(shop, SHOP, in_segment("loyal", name), by="ana")
    assert (made.audience_id, made.name) == (audience_id, name)
    twice = store.create(shop, SHOP, in_segment("loyal", name), by="ana")
    assert twice.audience_id == f"{audience_id[:58]}-2"


@pytest.mark.parametrize("name", ["", "n" * 10_000], ids=lambda n: f"UI07-{len(n)}")
def test_no_name_and_an_endless_one_are_refused(name: str) -> None:
    with pytest.raises(AudienceInvalid):
        of(name=name, enter=busy(1))


def test_a_copy_is_another_audience(shop: Settings) -> None:
    store.create(shop, SHOP, in_segment("loyal"), by="ana")
    copy = store.duplicate(shop, SHOP, "loyal", by="ben")
    assert (copy.audience_id, copy.name) == ("copy-of-loyal", "Copy of loyal")


def test_what_others_refer_to_is_not_archived(shop: Settings) -> None:
    store.create(shop, SHOP, in_segment("loyal"), by="ana")
    refers = of(name="Refers", enter={"kind": "in_audience", "audience": "loyal"})
    store.create(shop, SHOP, refers, by="ana")
    with pytest.raises(AudienceInvalid, match="Refers"):
        store.archive(shop, SHOP, "loyal")
    store.archive(shop, SHOP, "refers")
    store.archive(shop, SHOP, "loyal")
    assert store.all_of(shop, SHOP) == []
    store.restore(shop, SHOP, "loyal")
    assert [one.audience_id for one in store.all_of(shop, SHOP)] == ["loyal"]


def test_no_audience_is_inside_itself(shop: Settings) -> None:
    store.create(shop, SHOP, in_segment("loyal"), by="ana")
    outer = of(name="Outer", enter={"kind": "in_audience", "audience": "loyal"})
    store.create(shop, SHOP, outer, by="ana")
    circle = of(name="loyal", enter={"kind": "in_audience", "audience": "outer"})
    with pytest.raises(AudienceInvalid):
        store.save(shop, SHOP, "loyal", circle, by="ana")
    assert store.get(shop, SHOP, "loyal").version == 1


def test_nobody_sees_the_audiences_of_another_client(shop: Settings) -> None:
    store.create(shop, SHOP, in_segment("loyal"), by="ana")
    with pytest.raises(ConfigError):
        store.create(shop, "other", in_segment("loyal"), by="ana")
    with pytest.raises(AudienceInvalid):
        store.get(shop, "other", "loyal")


def test_a_home_of_before_gets_the_tables(settings: Settings) -> None:
    connection = sqlite3.connect(settings.home / "state.sqlite")
    connection.executescript(
        "create table runs (run_id integer primary key, command varchar(32), status varchar(16), "
        "step varchar(64), message varchar(500), build_id varchar(64), started_at datetime, "
        "ended_at datetime);"
        "insert into runs values (1, 'nightly', 'done', null, null, 'b', "
        "'2026-11-21 03:10:00.000000', null)"
    )
    connection.close()
    shop = make_client(settings)
    store.create(shop, SHOP, in_segment("loyal"), by="ana")
    assert refreshes.newest(shop, SHOP) == {}
    assert [run.build_id for run in runs.latest(shop)] == ["b"]
