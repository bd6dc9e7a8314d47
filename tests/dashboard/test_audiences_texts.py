"""Whatever people type is text: saved as it is, or refused in words; never markup, never SQL."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dashboard.app_pages.audience_draft import (
    Draft,
    Row,
    condition_of,
    countable,
    from_definition,
    to_definition,
)
from dashboard.app_pages.audience_templates import from_template
from dashboard.app_pages.lookalike_draft import definition_of, new_draft
from matchbook.audiences import read
from matchbook.audiences import write as stored
from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences import lists, store
from matchbook.settings import Settings
from tests.dashboard.audience_pages import press, said, saved, shop, shop_made, write
from tests.dashboard.pages import AUDIENCES, drawn, open_page
from tests.matchbook.kept_audiences.nights import SHOP

__all__ = ["shop", "shop_made"]
FIELDS = ("name", "description", "owner", "categories")
WORST = 12
"""Strings that go through the whole page; all go through what is behind it."""


@pytest.fixture(scope="module")
def naughty(public_data: Path) -> list[str]:
    """h01_blns."""
    found = json.loads((public_data / "h01_blns" / "blns.json").read_text())
    return [str(text) for text in found]


def filled(text: str) -> Draft:
    """A draft with the text in every field that takes one."""
    draft = from_template(("shop", "", "empty"), "empty")
    draft.settings |= {name: (text,) if name == "categories" else text for name in FIELDS}
    match = {"operator": "contains", "value": text}
    places = {"page": match, "section": match, "site": match}
    draft.groups["enter"] = [
        [Row({"kind": "did", "action": {"what": "visited", **places}, "at_least": 1})],
        [Row({"kind": "did", "action": {"what": "event", "event": match}, "at_least": 1})],
        [Row({"kind": "did", "action": {"what": "clicked", "message": match}, "at_least": 1})],
        [Row({"kind": "uses", "what": "browser", "match": match}, has=False)],
        [Row({"kind": "attribute", "name": text, "test": {"type": "text", "match": match}})],
    ]
    return draft


def test_every_text_is_kept_or_refused(naughty: list[str]) -> None:
    kept = 0
    for text in naughty:
        draft = filled(text)
        if not text.strip() or len(text) > 60 or "\x00" in text:
            with pytest.raises(AudienceInvalid) as refusal:
                to_definition(draft)
            assert not text.strip() or text not in str(refusal.value)
            continue
        definition = to_definition(draft)
        kept += 1
        assert definition.owner == text
        assert read(stored(definition)) == definition
        again = from_definition(draft.origin, definition)
        assert to_definition(again) == definition
    assert kept > 300


def test_a_list_is_called_as_people_type_or_not_at_all(shop: Settings, naughty: list[str]) -> None:
    kept = 0
    for text in naughty:
        list_id = lists.new_id(shop, SHOP, text)
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", list_id)
        if not text.strip() or len(text) > 120 or not text.isprintable():
            with pytest.raises(AudienceInvalid, match="1 to 120 characters"):
                lists.check(list_id, text)
            continue
        lists.check(list_id, text)
        kept += 1
    assert kept > 300


def test_a_lookalike_is_called_as_people_type(naughty: list[str]) -> None:
    for text in naughty:
        draft = new_draft(("shop", "", "like:loyal-ones"), "loyal-ones", text)
        definition = definition_of(draft)
        assert definition is not None
        assert definition.name == f"Like {text}"[:120].strip()


def test_what_cannot_be_counted_is_left_out() -> None:
    draft = filled("\x00")
    assert countable(draft) is None
    assert [condition_of(row) for row in draft.rows()] == [None] * 5


def test_names_and_values_are_never_markup(shop: Settings, naughty: list[str]) -> None:
    hostile = [text for text in naughty if re.search(r"<(script|img|svg|iframe|a)\b", text, re.I)]
    assert len(hostile) > 50
    for number, text in enumerate(hostile[:WORST]):
        definition = to_definition(filled(text[:60]))
        named = definition.model_copy(update={"name": f"{number} {definition.name}"})
        made = store.create(shop, SHOP, named, by=text[:60])
    for parameters in ({}, {"tab": "Overlap"}, {"audience": made.audience_id},
                       {"audience": made.audience_id, "more": "In words and SQL"},
                       {"audience": made.audience_id, "more": "Versions"}):  # fmt: skip
        app = open_page(AUDIENCES, **parameters)
        page = "".join(e.value for e in app.html if not e.value.startswith("<style>"))
        page += drawn(app, "audience_rows") if not parameters else ""
        assert not re.search(r"<(script|img|svg|iframe)\b", page, re.I)
        spoken = [e.value for e in (*app.markdown, *app.caption, *app.error)]
        assert not any(text[:20] in value for value in spoken for text in hostile)


def test_typed_on_the_page(shop: Settings, naughty: list[str]) -> None:
    for text in (naughty[len(naughty) // 3], "Ω≈ç√∫˜µ", "ثم نفس سقطت", "<b>x</b> & 'y'"):
        app = open_page(AUDIENCES, audience="loyal-ones")
        for label in ("Name", "Owner", "Description"):
            write(app, label, text)
        press(app, "Save")
        found = saved(shop, "loyal-ones").definition
        assert (found.name, found.owner, found.description) == (text.strip(), text, text)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "' OR 1=1 --", "💥" * 30], ids=["script", "sql", "emoji"]
)
def test_the_question_why_takes_any_text(shop: Settings, text: str) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones", more="Why is somebody in it?")
    write(app, "CRM record id", text)
    assert "No browser is known to be this record" in said(app)


def test_an_address_is_text_too(shop: Settings) -> None:
    for hostile in ("<img src=x>", "../../etc", "' or 1=1", "x" * 500):
        assert "There is no audience at this address." in said(
            open_page(AUDIENCES, audience=hostile)
        )
        assert "Not saved yet." in said(open_page(AUDIENCES, new=hostile))
