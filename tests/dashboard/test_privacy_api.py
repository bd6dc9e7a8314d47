"""Requests by token: held when the answer comes, at the token's own client, nothing echoed."""

from __future__ import annotations

import hashlib
import stat
from asyncio import run
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from dashboard import context
from dashboard.privacy_api import ROUTES
from matchbook import audit, jobs, suppressions
from matchbook.erasure import api_tokens, requests
from matchbook.identifiers import identifier_key
from matchbook.keys import load_keys
from matchbook.settings import Settings
from tests.dashboard import world

PATH = "/api/v1/homestead/privacy-requests"
HASH = hashlib.sha256(b"anna").hexdigest()


@pytest.fixture
def served(home: Settings) -> Settings:
    world.make_registry(home, ("homestead", "farways"))
    return home


class Api:
    """Another system, with the token of homestead."""

    def __init__(self, settings: Settings) -> None:
        self.headers = {"authorization": f"Bearer {api_tokens.issue(settings, 'homestead')}"}

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return self._ask("POST", path, **sent)

    def _ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(Starlette(routes=ROUTES))
            async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
                return await client.request(method, path, headers=self.headers, **sent)

        # A browser's tests leave their own loop in the thread of tests.
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(run, ask()).result()


@pytest.fixture
def api(served: Settings) -> Api:
    context.serve_from(served)
    return Api(served)


def ask(api: Api, path: str = PATH, **named: str) -> Any:
    return api.post(path, json={"kind": "erasure"} | named)


def test_a_person_is_held_when_the_answer_comes(api: Api, served: Settings) -> None:
    answer = ask(api, email_sha256=HASH, crm_record_id="OL-1")
    assert answer.status_code == 201
    said = answer.json()
    assert (said["status"], said["kind"], said["client_id"]) == ("open", "erasure", "homestead")
    key = identifier_key(load_keys(served.keys), "email", HASH)
    assert set(suppressions.of_client(served, "homestead")) == {
        ("record", "OL-1"), ("identifier", key),
    }  # fmt: skip
    assert [job.kind for job in jobs.all_of(served)] == ["trace_requests"]
    assert api.get(answer.headers["location"]).json() == said
    assert HASH not in answer.text
    assert "OL-1" not in answer.text


def test_an_opt_out_too(api: Api) -> None:
    answer = api.post(PATH, json={"kind": "opt_out", "cep_contact_id": "4711"})
    assert (answer.status_code, answer.json()["status"]) == (201, "done")


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"[" * 4000, b'{"kind": "erasure"}', b'{"kind": "all", "crm_record_id": "1"}',
    b'{"kind": "erasure", "crm_record_id": 7}',
    b'{"kind": "erasure", "email": "anna@shop.example"}',
    b'{"kind": "erasure", "email_sha256": "anna@shop.example"}', b"\xff\xfe",
    b'{"kind": "erasure", "cep_contact_id": "1; drop table privacy_requests"}',
])  # fmt: skip
def test_P45_what_is_wrong_is_told_in_three_parts(api: Api, served: Settings, body: bytes) -> None:
    answer = api.post(PATH, content=body)
    assert answer.status_code == 422
    assert set(answer.json()) == {"happened", "kept", "todo"}
    assert all(answer.json().values())
    assert "anna" not in answer.text
    assert "drop" not in answer.text
    assert requests.all_of(served) == []


def test_too_much_is_not_read(api: Api) -> None:
    assert api.post(PATH, content=b"x" * 5000).status_code == 413


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \t"])
def test_without_the_token_nobody_is_heard(api: Api, served: Settings, header: str) -> None:
    api.headers["authorization"] = header
    answer = ask(api, crm_record_id="OL-1")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert api.get(f"{PATH}/1").status_code == 401
    assert requests.all_of(served) == []
    refused = [e for e in audit.events(served) if e.action == "privacy_api_refused"]
    assert len(refused) == 2


@pytest.mark.parametrize("client_id", ["farways", "nobody", "..", "%2e%2e"])
def test_P36_a_token_is_for_its_own_client(api: Api, served: Settings, client_id: str) -> None:
    path = PATH.replace("homestead", client_id)
    assert ask(api, path, crm_record_id="OL-1").status_code in (401, 404)
    (number,) = requests.ask(served, "opt_out", "farways", [[("record", "C-1")]], by="a test")
    assert api.get(f"{path}/{number}").status_code in (401, 404)
    assert api.get(f"{PATH}/{number}").status_code == 404


def test_only_a_hash_of_the_token_is_kept(served: Settings) -> None:
    first, second = (api_tokens.issue(served, "homestead") for _ in range(2))
    file = served.keys / "api" / "homestead"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert second not in file.read_text()
    assert [api_tokens.is_valid(served, "homestead", one) for one in (first, second)] == [
        False, True,
    ]  # fmt: skip
    assert api_tokens.withdraw(served, "homestead")
    assert not api_tokens.is_valid(served, "homestead", second)
