"""Nightly files: the calendar, one file with its rows and its account, doing it again."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from matchbook import jobs, state
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import NIGHTLY_FILES, drawn, fetch, links, open_page, words
from tests.dashboard.world_partners import a_fortnight, newest_file, store_manifest
from tests.dashboard.world_uploads import forget_marts


def square(app: AppTest, partner_id: str, day: str) -> str:
    found = re.search(rf'<button[^>]*data-pick="{partner_id} {day}"[^>]*>', drawn(app, "calendar"))
    assert found
    return found[0]


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception
    return app


def test_a_normal_morning(published: Settings) -> None:
    a_fortnight(published, "homestead", newest_file(published, "tealium"))
    app = open_page(NIGHTLY_FILES)
    said = words(app)
    assert "Delivered 9 of 9 by 04:41 in the night to 21 Nov" in said
    assert "Tealium: 4,120 rows: 310 new, 3,790 seen again, 20 removed" in said
    assert "Delivered 21 Nov, 04:41" in said
    assert drawn(app, "calendar").count("<button") == 9 * 14
    assert "Tealium, 21 Nov: Delivered, 4,120 rows" in square(app, "tealium", "2026-11-21")
    assert "mb-chosen" in square(app, "tealium", "2026-11-21")
    assert "Tealium, 8 Nov: Delivered, 51 rows" in square(app, "tealium", "2026-11-08")
    assert "Piano, 20 Nov: No file" in square(app, "piano", "2026-11-20")


def test_from_matched_pairs_to_rows_every_difference_has_a_reason(published: Settings) -> None:
    newest_file(published, "tealium", rows_suppressed=30)
    said = words(open_page(NIGHTLY_FILES))
    told = said[said.index("Matched pairs") :]
    lost = [int(n.replace(",", "")) for n in re.findall(r"−([\d,]+) ", told)]
    assert "Matched pairs with a cookie of Tealium 9,000 100.0 %" in told
    assert lost == [600, 40, 4240, 20]
    assert 9000 - sum(lost) == 310 + 3790
    assert "−600 Too unsure" in told
    assert "−40 The cookie is shared by too many people" in told
    assert "−4,240 Tealium has them, and has not seen the cookie since its last file" in told
    assert "−20 Opted out since the data was built" in told
    assert "takes back 20 pairs" in told
    assert "30 left out: opted out meanwhile" in said


def test_what_waits_in_an_earlier_file_is_not_called_an_opt_out(published: Settings) -> None:
    newest = newest_file(published, "tealium")
    a_fortnight(published, "homestead", newest)
    with state.begin(published) as connection:
        table = state.deliveries
        earlier = table.c.as_of == newest.as_of - timedelta(days=1)
        connection.execute(table.update().where(earlier).values(state="planned"))
    assert "−20 In an earlier file that was still on its way" in words(open_page(NIGHTLY_FILES))


BROKEN = {
    "rejected": ({"state": "rejected"}, "not delivered", "!"),
    "unknown": ({"state": "unknown"}, "not certain whether it arrived", "?"),
    "away": (
        {"state": "planned", "next_attempt_at": datetime(2026, 11, 21, 4, 0), "attempts": 3},
        "waiting",
        "…",
    ),
}


@pytest.mark.parametrize("case", list(BROKEN))
def test_a_broken_night(published: Settings, case: str) -> None:
    changed, words_of_it, mark = BROKEN[case]
    why = "The server did not answer."
    newest_file(published, "piano", confirmed_at=None, reason=why, **changed)
    app = open_page(NIGHTLY_FILES, partner="Piano")
    said = words(app)
    assert "Delivered 8 of 9" in said
    assert "; not Piano" in said
    assert f"Piano: {words_of_it}. {why}" in said
    assert f"<span>{mark}</span>" in drawn(app, "calendar")
    assert [button.label for button in app.button] == []
    assert ("Tried 3 times, again from 21 Nov, 05:00 on." in said) == (case == "away")


def test_an_earlier_night_has_its_rows_and_its_account(published: Settings) -> None:
    a_fortnight(published, "homestead", newest_file(published, "tealium"))
    app = open_page(NIGHTLY_FILES, partner="Tealium", night="12 Nov 2026")
    said = words(app)
    assert "Tealium: 51 rows: 9 new, 41 seen again, 1 removed" in said
    assert "Matched pairs with a cookie of Tealium 150 100.0 %" in said
    assert "−93 Tealium has them, and has not seen the cookie since its last file" in said
    assert "−2 Opted out since the data was built" in said
    assert "Its bytes are no longer stored" in said


def test_accepted_is_not_called_delivered(published: Settings) -> None:
    newest_file(published, "supermetrics", state="sent", receipt="answers")
    app = open_page(NIGHTLY_FILES, partner="Supermetrics")
    assert "Accepted; the partner offers nothing to verify it by" in words(app)
    assert "9 of 9" in words(app)


def test_the_files_the_partner_got_and_what_it_cannot_remove(published: Settings) -> None:
    done = newest_file(published, "spotler", rows_not_removable=20)
    with state.begin(published) as connection:
        connection.execute(
            state.delivery_files.insert().values(
                client_id="homestead", partner_id="spotler", build_id=done.build_id, position=0,
                name="match_20261121.csv", kind="matches", rows=4100, bytes=120_000,
                sha256="ab" * 32, requests_done=0, rows_refused=3, sent_at=done.confirmed_at,
            )
        )  # fmt: skip
    said = words(open_page(NIGHTLY_FILES, partner="Spotler"))
    assert "match_20261121.csv Matches 4,100 120,000 3 abababababab…" in said
    assert "20 of them Spotler has no way to remove." in said
    assert "Cannot take them: Spotler" in said


def test_the_manifest_comes_through_a_signed_link(published: Settings) -> None:
    done = newest_file(published, "tealium")
    content = json.dumps({"rows": {"add": 310}}).encode()
    store_manifest(published, done, content)
    [link] = links(open_page(NIGHTLY_FILES))
    answer = fetch(link)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/json"
    assert "manifest-tealium-20261121-031000.json" in answer.headers["content-disposition"]
    assert fetch(link[:-3] + "abc").status_code == 403


def test_delivering_again_is_one_job_of_the_worker(published: Settings) -> None:
    newest_file(published, "tealium")
    app = press(press(open_page(NIGHTLY_FILES), "Deliver again"), "Deliver again")
    [job] = jobs.all_of(published, "redeliver")
    assert job.client_id == "homestead"
    assert job.arguments == {"partner_id": "tealium", "day": "2026-11-21"}
    assert "The delivery waits, and nothing works on it." in words(app)
    jobs.finish(published, job.job_id, status="done", result={"files": ["match_1.csv.gz"]})
    app.run()
    assert "Sent again, byte for byte: match_1.csv.gz." in words(app)
    press(app, "Deliver again")
    assert len(jobs.all_of(published, "redeliver")) == 2


def test_a_client_sees_no_file_of_another(published: Settings) -> None:
    newest_file(published, "tealium", reason="only Homestead's")
    app = open_page(NIGHTLY_FILES, client="Farways Travel")
    assert "4,120" not in words(app)
    assert drawn(app, "calendar").count('<th scope="row">') == 4


def test_before_the_first_file(home: Settings) -> None:
    world.make_registry(home)
    world.publish(home)
    assert "First files after tonight&#x27;s run." in words(open_page(NIGHTLY_FILES))


def test_a_snapshot_from_before_the_mart_does_no_harm(published: Settings) -> None:
    newest_file(published, "tealium")
    forget_marts(published, "delivery_accounts")
    said = words(open_page(NIGHTLY_FILES))
    assert "Tealium: 4,120 rows" in said
    assert said.count("A part of this page is not in the data yet") == 1
