"""Privacy: a request is entered and in force at once; what a person is known by is not shown."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from matchbook import jobs, suppressions
from matchbook.cli.work import drain
from matchbook.erasure import requests
from matchbook.retention import RULES
from matchbook.settings import Settings
from tests.dashboard.pages import PRIVACY, open_page, words

RECORD = "C-0815-secret"


def enter(kind: str, by: str, value: str) -> AppTest:
    app = open_page(PRIVACY)
    app = app.main.button_group(key="privacy_kind").set_value(kind).run()
    app = app.main.selectbox(key="privacy_by").set_value(by).run()
    app.main.text_input(key="privacy_value").set_value(value)
    return app.main.button(key="privacy_enter").click().run()


def test_without_requests_it_says_how_long_what_is_kept(published: Settings) -> None:
    said = words(open_page(PRIVACY))
    assert "Nobody has asked yet." in said
    assert all(rule.kept.lower() in said.lower() for rule in RULES)


def test_a_request_is_in_force_when_the_page_says_so(published: Settings) -> None:
    said = words(enter("erasure", "record", RECORD))
    assert suppressions.of_client(published, "homestead") == [("record", RECORD)]
    assert "Request 1 is in force." in said
    assert "Erasure 1 asked for 21 Nov" in said
    assert "Held; erased by 21 Dec 2026" in said
    assert RECORD not in said
    drain(published, say=print)
    assert jobs.all_of(published, "trace_requests")[0].status == "done"
    assert requests.untraced(published) == []


def test_a_certificate_names_who_cannot_remove(published: Settings) -> None:
    (number,) = requests.ask(published, "erasure", "homestead", [[("record", RECORD)]], by="test")
    partners = [{"partner_id": "spotler", "how": "unable", "pairs": 1, "at": None}]
    requests.note(published, number, counts={"hits": 1204}, partners=partners, status="done")
    said = words(open_page(PRIVACY))
    assert "log lines 1,204" in said
    assert "Spotler has no way to remove: what it got stays there" in said


@pytest.mark.parametrize(("by", "value", "told"), [
    ("email", "anna@example.com", "not a SHA-256 hash"), ("contact", "x1", "not a positive number"),
    ("record", " ", "names nobody"),
], ids=["address", "contact", "nobody"])  # fmt: skip
def test_what_names_nobody_is_refused(published: Settings, by: str, value: str, told: str) -> None:
    said = words(enter("opt_out", by, value))
    assert told in said
    assert "anna" not in said
    assert requests.all_of(published) == []


def test_what_is_held_and_who_gets_it_is_said(published: Settings) -> None:
    said = words(open_page(PRIVACY))
    assert "All of it is personal data, keyed hashes too." in said
    assert "Links clicked in e-mails" in said
    assert "Spotler Its own cookie ids" in said
