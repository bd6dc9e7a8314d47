"""A replacement that would withdraw much of its list: figures, the client's name, nothing before.

The published list has 950 live records, C-51 to C-1000.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard import uploads
from matchbook import registry
from matchbook.crm_files.handover import read_handover
from matchbook.settings import Settings
from tests.dashboard.test_uploads import left_behind, post, rows, send
from tests.dashboard.world_uploads import forget_marts


def replacing(home: Settings, mode: str = "replace") -> str:
    return uploads.permit(home, "homestead", "newsletter", mode)


def inbox(home: Settings) -> list[Path]:
    return sorted(home.inbox.rglob("*.csv"))


@pytest.mark.parametrize("kept", [29, 664], ids=["FC15", "30.1 percent"])
def test_it_is_stopped_until_the_name_is_typed(published: Settings, kept: int) -> None:
    answer = send(replacing(published), rows(51, 51 + kept))
    said = answer.json()
    assert (answer.status_code, said["reason"]) == (409, "shrink")
    assert (said["live"], said["dropped"], said["client"]) == (950, 950 - kept, "Homestead")
    assert said["message"] == f"This file would withdraw {950 - kept} of the list's 950 records."
    assert inbox(published) == []
    finish = "/crm-uploads/finish/1"
    for typed in ({}, {"confirmed_for": "homestead"}, {"confirmed_for": True}, ["Homestead"]):
        assert post(finish, json.dumps(typed).encode(), said["ticket"]).status_code == 409
        assert inbox(published) == []
    meant = json.dumps({"confirmed_for": " Homestead "}).encode()
    answers = [post(finish, meant, said["ticket"]).json() for _ in range(2)]
    assert answers[0]["accepted"] == kept
    assert answers[0] == answers[1]
    [file] = inbox(published)
    assert read_handover(file).confirm_shrink


@pytest.mark.parametrize("mode", ["replace", "opt-in", "opt-out"])
def test_up_to_thirty_percent_need_no_name(published: Settings, mode: str) -> None:
    kept = 665 if mode == "replace" else 3
    assert send(replacing(published, mode), rows(51, 51 + kept)).status_code == 200
    [file] = inbox(published)
    assert not read_handover(file).confirm_shrink


def test_another_list_is_not_this_one(published: Settings) -> None:
    document = registry.current(published)
    other = document.lists[0].model_copy(update={"list_id": "others"})
    changed = document.model_copy(update={"lists": (*document.lists, other)})
    registry.replace(published, changed, by="test")
    ticket = uploads.permit(published, "homestead", "others", "replace")
    assert send(ticket, rows(1, 3)).status_code == 200


def test_what_is_given_up_is_gone(published: Settings) -> None:
    ticket = send(replacing(published), rows(51, 60)).json()["ticket"]
    assert left_behind(published) != []
    assert post("/crm-uploads/give-up", b"", ticket).status_code == 200
    assert left_behind(published) == inbox(published) == []


def test_a_confirmation_is_short(published: Settings) -> None:
    ticket = send(replacing(published), rows(51, 60)).json()["ticket"]
    assert post("/crm-uploads/finish/1", b"x" * 5000, ticket).status_code == 413
    assert post("/crm-uploads/finish/1", b"[" * 4000, ticket).status_code == 409
    assert inbox(published) == []


def test_an_older_snapshot_leaves_it_to_the_night(published: Settings) -> None:
    forget_marts(published, "record_lives")
    assert send(replacing(published), rows(51, 60)).status_code == 200
    [file] = inbox(published)
    assert not read_handover(file).confirm_shrink
