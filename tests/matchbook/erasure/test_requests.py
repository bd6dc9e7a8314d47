"""Requests: in force at once, complete, and at the end nothing but HMACs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from matchbook import audit, suppressions
from matchbook.erasure import requests, tombstones
from matchbook.erasure.requests import Subject
from matchbook.errors import ConfigError
from matchbook.registry import Client, Registry
from matchbook.registry import replace as register
from matchbook.settings import Settings
from tests.conftest import NOW

ANNA: list[Subject] = [
    ("record", "AN-4711"), ("cep_contact", "990011223344"), ("visitor", "ab" * 16),
    ("identifier", "cd" * 32),
]  # fmt: skip


@pytest.fixture
def home(settings: Settings) -> Settings:
    clients = (Client(client_id="acme", name="Acme"), Client(client_id="beta", name="Beta"))
    register(settings, Registry(clients=clients), by="a test")
    return settings


def ask(home: Settings, kind: str = "erasure", client_id: str = "acme") -> requests.Request:
    (number,) = requests.ask(home, kind, client_id, [ANNA[:1]], by="A. Vos")
    return requests.get(home, number)


def test_it_is_in_force_when_the_call_returns(home: Settings) -> None:
    began = process_time()
    made = ask(home)
    assert process_time() - began < 1
    assert suppressions.of_client(home, "acme") == [ANNA[0]]
    assert suppressions.of_client(home, "beta") == []
    known = tombstones.load(home)
    assert known.among(known.of(["acme"]), "record", ["AN-4711", "AN-1"]) == {"AN-4711"}
    assert known.among(known.of(["acme", "beta"]), "record", ["AN-4711"]) == set()
    assert made.due_at - made.asked_at == timedelta(days=30)
    assert [(e.actor, e.action, e.subjects) for e in audit.events(home)] == [
        ("A. Vos", "privacy_erasure", 1)
    ]


def test_an_opt_out_lets_rows_in(home: Settings) -> None:
    assert ask(home, "opt_out").status == "done"
    assert not tombstones.load(home)


def test_what_is_found_of_the_person_is_held_too(home: Settings) -> None:
    made = ask(home)
    requests.add_found(home, made, [*ANNA, ("partner_cookie", "9f-1")])
    assert sorted(suppressions.of_client(home, "acme")) == sorted(ANNA)
    assert requests.subjects_of(home, made, only_named=True) == ANNA[:1]
    assert requests.untraced(home) == []


def test_at_the_end_no_byte_of_the_state_names_the_person(home: Settings) -> None:
    before = ask(home, "opt_out")
    made = ask(home)
    for request in (before, made):
        requests.add_found(home, request, [*ANNA, ("partner_cookie", "9f-cookie-1")])
    files = list(home.home.glob("state.sqlite*"))
    assert any(b"AN-4711" in path.read_bytes() for path in files)
    requests.finish(home, made)
    requests.close(home)
    for path in home.home.glob("state.sqlite*"):
        for _, subject in (*ANNA, ("", "9f-cookie-1")):
            assert subject.encode() not in path.read_bytes()
    assert suppressions.all_rows(home) == []
    assert requests.get(home, made.request_id).status == "done"
    assert tombstones.count(home, made.request_id) == len(ANNA)
    assert [r.request_id for r in requests.naming(home, "acme", ANNA[2:3])] == [made.request_id]


def test_another_clients_word_on_the_person_stays(home: Settings) -> None:
    made, other = ask(home), ask(home, "opt_out", "beta")
    requests.finish(home, made)
    assert suppressions.of_client(home, "beta") == [ANNA[0]]
    assert requests.subjects_of(home, other) == ANNA[:1]


def test_a_person_who_is_back_is_held_by_nothing(home: Settings) -> None:
    ask(home, "opt_out")
    made = ask(home)
    requests.add_found(home, made, ANNA)
    requests.finish(home, made)
    later = replace(home, now=NOW + timedelta(days=40))
    assert requests.lift(later, "beta", ANNA[1:2], by="A. Vos") == 0
    assert requests.lift(later, "acme", ANNA[1:2], by="A. Vos") == 1
    assert not tombstones.load(home)
    ended = requests.get(home, made.request_id)
    assert (ended.status, ended.ended_by) == ("lifted", "A. Vos")


def test_a_build_does_not_bring_back_who_is_going(home: Settings) -> None:
    made = ask(home)
    assert requests.being_erased(home) == set()
    requests.note(home, made.request_id, status="erasing")
    assert requests.being_erased(home) == {("acme", *ANNA[0])}


def test_a_request_names_a_client_and_somebody(home: Settings) -> None:
    with pytest.raises(ConfigError, match="no client"):
        requests.ask(home, "erasure", "zoo", [ANNA], by="A. Vos")
    with pytest.raises(ConfigError, match="nobody"):
        requests.ask(home, "erasure", "acme", [ANNA, []], by="A. Vos")
    assert requests.all_of(home) == []
