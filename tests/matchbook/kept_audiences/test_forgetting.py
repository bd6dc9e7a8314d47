"""Erased people leave audiences: every stored version, and uploaded lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matchbook.erasure import requests
from matchbook.kept_audiences import lists, members, refreshes, store
from matchbook.kept_audiences.forgetting import audiences_of, count, forget
from matchbook.kept_audiences.refreshing import refresh
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import (
    SHOP,
    crowd,
    in_segment,
    make_client,
    publish_night,
)


def home_of(settings: Settings, tmp_path: Path) -> Settings:
    """Two nights of an audience of r1 to r40, without r2 in the second, and a list."""
    make_client(settings)
    store.create(settings, SHOP, in_segment("gold"), by="a test")
    for night, keys in enumerate((range(1, 41), (1, *range(3, 41)))):
        settings = publish_night(settings, night, crowd(keys, "gold"))
        refresh(settings, SHOP)
    file = tmp_path / "guests.csv"
    file.write_text("crm_record_id\nr1\nr2\nr3\n")
    lists.replace(settings, SHOP, "guests", file, name="Guests", by="a test")
    return settings


def test_every_version_is_rewritten(settings: Settings, tmp_path: Path) -> None:
    home = home_of(settings, tmp_path)
    gone: dict[str, Any] = {"records": {"r1", "r2"}, "member_keys": {1, 2}}
    assert audiences_of(home, SHOP, {1}) == ["gold"]
    persons = {7: ({"r1"}, {1}), 8: ({"r2"}, {2}), 9: ({"r99"}, {99})}
    assert count(home, SHOP, persons) == {
        7: {"audience_members": 2, "audience_lists": 1},
        8: {"audience_members": 1, "audience_lists": 1},
        9: {"audience_members": 0, "audience_lists": 0},
    }
    assert forget(home, SHOP, **gone) == {"audience_members": 3, "audience_lists": 2}
    (guests,) = lists.all_of(home, SHOP)
    assert guests.records == 1
    assert lists.read(home, SHOP)["crm_record_id"].to_pylist() == ["r3"]
    for made in refreshes.of_audience(home, SHOP, "gold"):
        left = members.read(home, SHOP, "gold", made.file_name)["member_key"].to_pylist()
        assert sorted(left) == list(range(3, 41))
    assert audiences_of(home, SHOP, {1}) == []
    assert forget(home, SHOP, **gone) == {"audience_members": 0, "audience_lists": 0}


def test_an_uploaded_list_does_not_bring_back_who_was_erased(
    settings: Settings, tmp_path: Path
) -> None:
    make_client(settings)
    requests.ask(settings, "erasure", SHOP, [[("record", "r2")]], by="a test")
    file = tmp_path / "guests.csv"
    file.write_text("crm_record_id\nr1\nr2\n")
    assert lists.replace(settings, SHOP, "guests", file, name="Guests", by="a test").records == 1
    assert lists.read(settings, SHOP)["crm_record_id"].to_pylist() == ["r1"]


def test_published_keys_are_those_of_the_models() -> None:
    from matchbook.published_keys import member_key, published_key
    from matchbook.warehouse import open_memory

    query = "select cast(concat('0x', substr(sha256(concat(?, chr(0), ?)), 1, 15)) as bigint)"
    with open_memory() as connection:
        for value, key in (("ab" * 16, published_key("acme", "ab" * 16)),
                           ("record\x1f7", member_key("acme", "7"))):  # fmt: skip
            assert connection.execute(query, ["acme", value]).fetchone() == (key,)
