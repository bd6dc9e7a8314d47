"""The routes that take hashed files: who may send, what is taken, what is gone afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from dashboard import context, uploads
from dashboard.routes import ROUTES
from matchbook import jobs, registry
from matchbook.audiences import of
from matchbook.crm_files.handover import read_handover
from matchbook.errors import AudienceInvalid, InputRejected
from matchbook.kept_audiences import lists, store
from matchbook.registry import CrmList
from matchbook.settings import Settings
from tests.dashboard import world

HASH = "ab" * 32
HEADER = "crm_record_id,email_sha256_da_docs_v1,segment\r\n"
SECRET = "anna.de.vries@post.example"


@pytest.fixture(autouse=True)
def _lists(home: Settings) -> None:
    world.make_registry(home)
    lists = tuple(
        CrmList(list_id=list_id, client_id=client_id, name="Customers")
        for list_id, client_id in (("00001", "homestead"), ("00002", "farways"))
    )
    document = registry.current(home).model_copy(update={"lists": lists})
    registry.replace(home, document, by="test")


def post(path: str, body: bytes, ticket: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
            return await client.post(path, content=body, headers={"X-Matchbook-Ticket": ticket})

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, ask()).result()


def send(ticket: str, *parts: str) -> httpx.Response:
    """All parts and the end; the first answer that is not OK ends it."""
    for number, part in enumerate(parts):
        answer = post(f"/crm-uploads/parts/{number}", part.encode(), ticket)
        if answer.status_code != 200:
            return answer
        ticket = answer.json()["ticket"]
    return post(f"/crm-uploads/finish/{len(parts)}", b"", ticket)


def permit(home: Settings, mode: str = "opt-in") -> str:
    return uploads.permit(home, "homestead", "00001", mode)


def rows(first: int, last: int) -> str:
    return HEADER + "".join(f"C-{n},{n:064x},loyal\r\n" for n in range(first, last))


def inbox(home: Settings) -> list[Path]:
    return sorted(home.inbox.rglob("*.csv"))


def test_parts_become_one_file_in_the_inbox(home: Settings) -> None:
    answer = send(permit(home), rows(1, 100), rows(100, 150))
    assert answer.json() == {
        "lines": 149, "accepted": 149, "rejected": {}, "cells": {},
        "file_name": "20261121_031000.csv",
    }  # fmt: skip
    [file] = inbox(home)
    assert file.parent == home.inbox / "onboard" / "audience=00001" / "opt-in"
    assert file.read_bytes().decode() == rows(1, 150)
    said = read_handover(file)
    assert said.uploaded_by is not None
    assert not said.confirm_shrink


def test_a_second_file_in_the_same_second_has_a_name_of_its_own(home: Settings) -> None:
    send(permit(home), rows(1, 3))
    send(permit(home), rows(3, 5))
    assert [file.name for file in inbox(home)] == ["20261121_031000.csv", "20261121_031001.csv"]


def test_a_replacement_of_nothing_published_waits_for_the_night(home: Settings) -> None:
    send(permit(home, "replace"), rows(1, 3))
    [file] = inbox(home)
    assert file.parent.name == "replace"
    assert not read_handover(file).confirm_shrink, "the night compares it with the list"


def test_a_part_and_the_end_may_come_twice(home: Settings) -> None:
    ticket = permit(home)
    for _ in range(2):
        assert post("/crm-uploads/parts/0", rows(1, 9).encode(), ticket).status_code == 200
    answers = [post("/crm-uploads/finish/1", b"", ticket).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(inbox(home)) == 1


@pytest.mark.parametrize(
    "part",
    [
        f"crm_record_id,email\r\nC-1,{SECRET}\r\n",
        f"crm_record_id,email_sha256,note\r\nC-1,{HASH},ask {SECRET}\r\n",
        f"crm_record_id,email_sha256,note\r\nC-1,{HASH},+31 6 12345678\r\n",
        f"crm_record_id,email_sha256,street\r\nC-1,{HASH},Dorpsstraat\r\n",
        f"{SECRET},{HASH}\r\n",
    ],
)
@pytest.mark.parametrize("number", [0, 1])
def test_readable_personal_data_is_refused_and_gone(home: Settings, part: str, number: int) -> None:
    parts = [rows(1, 9)] * number + [part]
    answer = send(permit(home), *parts)
    assert answer.status_code == 422
    assert answer.json()["reason"] == "raw_personal_data"
    assert SECRET not in answer.text
    assert left_behind(home) == []
    assert inbox(home) == []


def left_behind(home: Settings) -> list[Path]:
    return [path for path in (home.home / "uploads").rglob("*") if path.is_file()]


def test_parts_of_different_columns_are_refused(home: Settings) -> None:
    answer = send(permit(home), rows(1, 3), f"crm_record_id,email_sha256\r\nC-9,{HASH}\r\n")
    assert (answer.status_code, answer.json()["reason"]) == (422, "header")
    assert left_behind(home) == inbox(home) == []


def test_a_missing_part_is_noticed(home: Settings) -> None:
    ticket = permit(home)
    post("/crm-uploads/parts/0", rows(1, 3).encode(), ticket)
    answer = post("/crm-uploads/finish/2", b"", ticket)
    assert (answer.status_code, answer.json()["reason"]) == (422, "incomplete")
    assert left_behind(home) == inbox(home) == []


def test_a_part_that_is_too_large(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.upload_routes.MAX_PART_BYTES", 1000)
    assert send(permit(home), rows(1, 99)).status_code == 413
    assert left_behind(home) == []


def test_a_file_that_is_too_large(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 10_000)
    assert send(permit(home), rows(1, 99), rows(99, 199)).status_code == 413
    assert left_behind(home) == inbox(home) == []


def test_a_ticket_ends_after_ten_minutes_and_is_renewed_with_each_part(home: Settings) -> None:
    ticket = permit(home)
    context.serve_from(replace(home, now=world.NOW + timedelta(minutes=9)))
    renewed = post("/crm-uploads/parts/0", rows(1, 3).encode(), ticket).json()["ticket"]
    context.serve_from(replace(home, now=world.NOW + timedelta(minutes=11)))
    assert post("/crm-uploads/finish/1", b"", ticket).status_code == 403
    assert post("/crm-uploads/finish/1", b"", renewed).status_code == 200


def test_other_tickets_are_refused(home: Settings) -> None:
    elsewhere = replace(home, home=home.home.parent / "elsewhere")
    world.make_registry(elsewhere)
    registry.replace(elsewhere, registry.current(home), by="test")
    body, signature = permit(home).split(".")
    download = uploads.tickets.issue(home, "download", **vars(uploads.admitted(home, permit(home))))
    for ticket in (
        "",
        "a.b",
        f"{body}.",
        f"{body[:-4]}AAAA.{signature}",
        permit(elsewhere),
        download,
    ):
        assert post("/crm-uploads/parts/0", rows(1, 3).encode(), ticket).status_code == 403
    assert left_behind(home) == []


@pytest.mark.parametrize(
    ("list_id", "mode"),
    [("00002", "opt-in"), ("00009", "opt-in"), ("00001", "../opt-in")],
    ids=["UI02 list of another client", "no list", "no mode"],
)
def test_a_list_of_somebody_else_gets_no_ticket(home: Settings, list_id: str, mode: str) -> None:
    with pytest.raises(InputRejected):
        uploads.permit(home, "homestead", list_id, mode)


def test_a_client_one_may_no_longer_see(home: Settings) -> None:
    ticket = permit(home)
    document = registry.current(home)
    world.make_registry(home, ("farways",))
    assert post("/crm-uploads/parts/0", rows(1, 3).encode(), ticket).status_code == 403
    assert document.lists


def test_what_was_given_up_is_swept(home: Settings) -> None:
    post("/crm-uploads/parts/0", rows(1, 3).encode(), permit(home))
    [folder] = (home.home / "uploads").glob("*/*")
    long_ago = time.time() - 3600
    os.utime(folder, (long_ago, long_ago))
    post("/crm-uploads/parts/0", rows(1, 3).encode(), permit(home))
    assert not folder.exists()
    assert len(left_behind(home)) == 1


def test_an_answer_holds_no_path(home: Settings) -> None:
    text = json.dumps(send(permit(home), rows(1, 3)).json())
    assert str(home.home) not in text


def test_a_list_for_audiences_replaces_the_old_one(home: Settings) -> None:
    """And asks for the audiences that use it: nobody has to press anything."""
    asks = {"kind": "on_list", "list": "guests"}
    store.create(home, "homestead", of(name="Guests", enter=asks), by="Anna")
    for content in ("crm_record_id\r\nC-1\r\nC-2\r\nC-2\r\n", "crm_record_id\r\nC-3\r\n"):
        ticket = uploads.permit_audience_list(home, "homestead", "guests", "Guests")
        answers = [send(ticket, content), post("/crm-uploads/finish/1", b"", ticket)]
        assert [answer.status_code for answer in answers] == [200, 200]
    [known] = lists.all_of(home, "homestead")
    assert (known.name, known.records) == ("Guests", 1)
    assert lists.read(home, "homestead")["crm_record_id"].to_pylist() == ["C-3"]
    asked = [job.arguments for job in jobs.all_of(home, "refresh_audiences")]
    assert asked == [{"audience_ids": ["guests"]}] * 2
    assert inbox(home) == []
    assert not list((home.home / "uploads").rglob("*.csv"))


def test_a_list_with_readable_data_leaves_the_old_one(home: Settings) -> None:
    ticket = uploads.permit_audience_list(home, "homestead", "guests", "Guests")
    answer = send(ticket, f"crm_record_id\r\n{SECRET}\r\n")
    assert (answer.status_code, SECRET in answer.text) == (422, False)
    assert lists.all_of(home, "homestead") == []
    with pytest.raises(AudienceInvalid, match="1 to 120 characters"):
        uploads.permit_audience_list(home, "homestead", "guests", " ")
