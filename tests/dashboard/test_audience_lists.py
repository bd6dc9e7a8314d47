"""Uploaded lists on the page Audiences: choosing one, replacing it, adding another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from matchbook.audiences import of
from matchbook.cli.work import drain
from matchbook.kept_audiences import lists, refreshing, store, wishes
from matchbook.settings import Settings
from tests.dashboard.audience_pages import choose, press, said, saved, shop, shop_made, write
from tests.dashboard.pages import AUDIENCES, open_page
from tests.matchbook.kept_audiences.nights import SHOP

__all__ = ["shop", "shop_made"]
TAB = {"tab": "Uploaded lists"}
NEW = "+"


def put(settings: Settings, folder: Path, name: str, *records: str) -> None:
    file = folder / "list.csv"
    file.write_text("\n".join(["crm_record_id", *records, ""]))
    lists.replace(settings, SHOP, name.lower(), file, name=name, by="Anna")


def reader(app: AppTest) -> dict[str, Any]:
    """What the browser's part was told."""
    found = [
        json.loads(element.proto.json)
        for element in app.main
        if "takes" in str(getattr(getattr(element, "proto", None), "json", ""))
    ]
    assert len(found) == 1
    return dict(found[0])


def test_another_list_needs_a_name_first(shop: Settings, tmp_path: Path) -> None:
    app = open_page(AUDIENCES, **TAB)
    assert "No list yet." in said(app)
    write(app, "Name of the new list", "Fair <b>guests</b>")
    told = reader(app)
    assert (told["takes"], told["isNew"]) == ("ids", True)
    assert told["lists"] == [["fair-b-guests-b", "Fair <b>guests</b>"]]
    assert "The file becomes the whole list “Fair <b>guests</b>”." in said(app)
    put(shop, tmp_path, "Guests", "r1")
    app = choose(open_page(AUDIENCES, new="list"), "List", NEW)
    told = reader(write(app, "Name of the new list", "Guests"))
    assert told["lists"] == [["guests-2", "Guests"]], "it takes no other's place"


def test_a_list_is_chosen_and_may_be_replaced(shop: Settings, tmp_path: Path) -> None:
    put(shop, tmp_path, "Guests", *(f"r{n}" for n in range(1, 61)))
    app = open_page(AUDIENCES, new="list")
    assert "Nobody yet." in said(app)
    choose(app, "List", "guests")
    assert "60 people 60 reachable in CEP" in said(app)
    told = reader(app)
    assert (told["isNew"], told["lists"]) == (False, [["guests", "Guests"]])
    assert "Whoever is not in the new file leaves the list." in said(app)
    press(app, "Save")
    assert saved(shop, "an-uploaded-list").definition.enter.model_dump() == {
        "kind": "on_list", "list": "guests",
    }  # fmt: skip


def test_all_lists_with_who_uses_them(shop: Settings, tmp_path: Path) -> None:
    put(shop, tmp_path, "Guests", "r1", "r2")
    put(shop, tmp_path, "Readers", "r3")
    asks = {"kind": "on_list", "list": "guests"}
    store.create(shop, SHOP, of(name="At the fair", enter=asks), by="Anna")
    text = said(open_page(AUDIENCES, **TAB))
    assert "Guests 2 18 Nov, 04:10 Anna At the fair" in text
    assert "Readers 1 18 Nov, 04:10 Anna" in text


def test_a_changed_list_waits_for_the_refresh(shop: Settings, tmp_path: Path) -> None:
    put(shop, tmp_path, "Guests", "r1")
    asks = {"kind": "on_list", "list": "guests"}
    made = store.create(shop, SHOP, of(name="At the fair", enter=asks), by="Anna")
    refreshing.refresh(shop, SHOP)
    assert "Kept up to date: Yes" in said(open_page(AUDIENCES, audience=made.audience_id))
    put(shop, tmp_path, "Guests", "r2")
    assert "Waits for the next refresh" in said(open_page(AUDIENCES, audience=made.audience_id))
    wishes.refresh_users_of(shop, SHOP, "guests")
    text = said(open_page(AUDIENCES, audience=made.audience_id))
    assert "The refresh waits, and nothing works on it." in text
    drain(shop, say=lambda _: None)
    assert "Kept up to date: Yes" in said(open_page(AUDIENCES, audience=made.audience_id))
