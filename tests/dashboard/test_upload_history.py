"""CRM uploads: history, rhythms, identifiers and lives, as the marts have them."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from matchbook import audit, registry
from matchbook.crm_files.handover import Handover, marker_path
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import CRM_UPLOADS, fetch, links, open_page, words
from tests.dashboard.world_uploads import forget_marts


def test_the_first_numbers(published: Settings) -> None:
    said = words(open_page(CRM_UPLOADS))
    assert "Upload of 8 Nov, matched so far 25.0 % of its 909 records (Newsletter)" in said
    assert "Next upload 3 days overdue Newsletter: uploaded every week, last on 11 Nov" in said
    assert "Records on your lists 950 on 1 list; 50 have left since" in said


def test_the_history_and_its_csv(published: Settings) -> None:
    app = open_page(CRM_UPLOADS, tab="History")
    said = words(app)
    assert "8 Nov, 03:00 desk, on the dashboard Newsletter Add 918 9 909 227 25.0 %" in said
    assert "28 Oct, 03:00 desk, on the dashboard Newsletter Remove 916 8 908 – –" in said
    assert "6 Oct, 04:00 – Newsletter Add 6,206 6 6,200 1,550 25.0 %" in said
    content = fetch(links(app)[0]).text.splitlines()
    assert content[0] == "When,Who,List,What it did,Rows,Rejected,Records,Matched so far,Share"
    assert content[2].endswith("Add,918,9,909,227,25.0 %")
    assert len(content) == 11


def test_what_waits_and_what_was_refused(published: Settings) -> None:
    for list_id, mode in (("newsletter", "replace"), ("travellers", "opt-in")):
        hand_in(published, list_id, mode)
    refuse(published, "newsletter", world.NOW - timedelta(days=1))
    refuse(published, "newsletter", world.NOW - timedelta(days=20))
    refuse(published, "travellers", world.NOW)
    said = words(open_page(CRM_UPLOADS, tab="History")).replace("&#x27;", "'")
    assert said.count("waits for tonight's run") == 1
    assert "Newsletter (replace all), handed in 21 Nov, 03:00 by desk, waits" in said
    assert said.count("refused on") == 1
    assert (
        "Newsletter: a file was refused on 20 Nov, 04:10. This replace would withdraw 948 of the "
        "list's 950 records. Check that the file is complete." in said
    )


def hand_in(settings: Settings, list_id: str, mode: str) -> None:
    """A whole file in the inbox, and one that is still growing."""
    folder = settings.inbox / "onboard" / f"audience={list_id}" / mode
    folder.mkdir(parents=True)
    for name in ("20261121_010000.csv", "20261121_020000.csv.part"):
        (folder / name).write_text("crm_record_id,email_sha256\n")
    whole = folder / "20261121_010000.csv"
    marker_path(whole).write_text(Handover(uploaded_by="desk").as_marker())
    moment = datetime(2026, 11, 21, 2, tzinfo=UTC).timestamp()
    os.utime(whole, (moment, moment))


def refuse(settings: Settings, list_id: str, at: datetime) -> None:
    """As the inbox sets a file aside."""
    settings.refused.mkdir(parents=True, exist_ok=True)
    told = {
        "file_name": f"onboard/audience={list_id}/replace/20261120_010000.csv",
        "happened": "This replace would withdraw 948 of the list's 950 records.",
        "todo": "Check that the file is complete.",
        "refused_at": at.isoformat(),
    }
    name = f"{at:%Y%m%d}-{list_id}.reason.json"
    (settings.refused / name).write_text(json.dumps(told))


def test_one_list_may_be_chosen(published: Settings) -> None:
    app = open_page(CRM_UPLOADS, tab="History", upload_list="Newsletter")
    assert len(fetch(links(app)[0]).text.splitlines()) == 11


@pytest.mark.parametrize(
    ("tab", "says"),
    [("History", "No upload has landed yet."), ("Records", "No record yet."),
     ("Storage locations", "No storage location yet.")],
)  # fmt: skip
def test_before_the_first_night(home: Settings, tab: str, says: str) -> None:
    world.make_registry(home)
    assert says in words(open_page(CRM_UPLOADS, tab=tab))


def test_a_late_list_and_how_often_it_is_uploaded(published: Settings) -> None:
    app = open_page(CRM_UPLOADS)
    said = words(app)
    assert "Newsletter Last upload 11 Nov 2026 Upload 3 days overdue" in said
    [every] = [box for box in app.main.selectbox if "How often" in box.label]
    assert every.value == "week"
    every.set_value("month").run()
    assert registry.current(published).lists[0].upload_every == "month"
    assert "Counted from tonight's run on" in words(app).replace("&#x27;", "'")


def test_a_list_without_a_rhythm_is_never_late(published: Settings) -> None:
    said = words(open_page(CRM_UPLOADS, client="Farways Travel"))
    assert "Travellers Last upload 14 Nov 2026 No fixed rhythm" in said
    assert "No list has a rhythm yet" in said


def test_what_records_can_be_recognised_by(published: Settings) -> None:
    said = words(open_page(CRM_UPLOADS, tab="Records"))
    assert (
        "650 records lack a phone number. If they matched as often as those with one, "
        "213 more records would be matched." in said
    )
    assert "E-mail 900 450 50.0 % 430 50 4.0 % 23" in said
    assert "CEP contact 20 19 &lt;50 11 930 46.6 % –" in said


def test_what_became_of_records(published: Settings) -> None:
    app = open_page(CRM_UPLOADS, tab="Records")
    assert "Newsletter 950 40 10 1 22 Aug 2026 15 Nov 2026" in words(app)
    app.main.text_input(key="crm_record_id").set_value("C-51").run()
    assert (
        "Newsletter on the list 22 Aug 2026 15 Nov 2026 31 Oct 2026 3 2" in words(app)
    )  # fmt: skip
    app.main.text_input(key="crm_record_id").set_value("C-0051").run()
    assert "No file has named a record of this id." in words(app)


def test_every_look_up_of_a_record_is_logged_without_which(published: Settings) -> None:
    app = open_page(CRM_UPLOADS, tab="Records")
    assert audit.events(published) == []
    for typed in ("C-51", "C-51 ", "C-0051", "", "C-51"):
        app.main.text_input(key="crm_record_id").set_value(typed).run()
    found = audit.events(published, client_id="homestead")
    assert [(event.action, event.subjects) for event in found] == [
        ("record_lookup", 1),
        ("record_lookup", 0),
        ("record_lookup", 1),
    ]
    assert "dashboard" in found[0].actor
    assert "51" not in repr(found)


@pytest.mark.parametrize("tab", ["Upload", "History", "Records"])
def test_a_snapshot_from_before_the_marts(published: Settings, tab: str) -> None:
    forget_marts(published, "upload_schedules", "record_lives", "identifier_coverage", "uploads")
    said = words(open_page(CRM_UPLOADS, tab=tab))
    assert said.count("A part of this page is not in the data yet") == 1
    assert "Kept up to date" in said
