"""`matchbook push`, and the worker that goes on with pushes between jobs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook import jobs
from matchbook.cli.push import work_a_while
from matchbook.cli.work import drain
from matchbook.pushes import accounts, outbox
from matchbook.settings import Settings
from tests.cep_server import StandIn, running
from tests.exporters.cep.pushing import activate, ask, group_of, make_shop
from tests.matchbook.kept_audiences.nights import SHOP


@pytest.fixture
def cep() -> Iterator[StandIn]:
    with running(contacts=40) as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, cep: StandIn) -> Settings:
    settings = make_shop(tmp_path / "home")
    assert activate(settings, cep) is None
    return settings


def matchbook(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "matchbook", "--home", str(settings.home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_push_and_drain(shop: Settings, cep: StandIn) -> None:
    asked = ("push", "--client", SHOP, "--audience", "loyal", "--by", "Anna", "--drain", "--json")
    done = matchbook(shop, *asked)
    assert done.returncode == 0, done.stderr
    (push,) = json.loads(done.stdout)["pushes"]
    assert (push["state"], push["added"], push["not_taken"]) == ("done", 30, 0)
    assert len(group_of(shop, cep).members) == 30


def test_who_pushes_is_kept(shop: Settings) -> None:
    done = matchbook(shop, "push", "--client", SHOP, "--audience", "loyal")
    assert (done.returncode, outbox.of_client(shop, SHOP)) == (78, [])


def test_the_worker_activates_and_pushes(shop: Settings, cep: StandIn) -> None:
    fields = {"api_url": cep.url, "group_id": "1", "user_name": cep.user, "password": cep.password}
    accounts.ask(shop, SHOP, by="test", **fields)
    asked = {"standing": "asked"}
    job_id = jobs.enqueue(shop, "check_cep", idempotency_key="x", arguments=asked, client_id=SHOP)
    drain(shop, say=lambda _: None)
    problem = (jobs.get(shop, job_id).result or {})["problem"]
    assert problem.startswith("The default group is not there in CEP")
    active = accounts.active(shop, SHOP)
    assert active.group_id == cep.default_group
    push = ask(shop)
    while outbox.get(shop, push.push_id).state in outbox.OPEN:
        assert work_a_while(shop)
    assert len(group_of(shop, cep).members) == 30
    assert not work_a_while(shop)
