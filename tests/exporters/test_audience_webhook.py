"""An audience at the client's own system: batches of a hundred, signed, each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook import suppressions
from matchbook.alerts.webhook import checked
from matchbook.failpoints import AUDIENCE_FILE_FAILPOINTS
from matchbook.pushes import asking, leaving, push_webhooks
from matchbook.pushes.targets import WEBHOOK
from matchbook.settings import Settings
from tests.exporters.audience_shop import ask, held, make, pushed
from tests.exporters.cep.pushing import later, next_night, person, work
from tests.exporters.cep.worker import forked_worker_dies
from tests.matchbook.kept_audiences.nights import SHOP
from tests.partner_servers import Endpoint, endpoint
from tests.sizes import a_few_now

PEOPLE = {f"r{n}" for n in range(120)}


@pytest.fixture
def system() -> Iterator[Endpoint]:
    with endpoint() as made:
        made.authorization = None
        yield made


@pytest.fixture
def shop(tmp_path: Path, system: Endpoint) -> Settings:
    settings = make(tmp_path / "home", tmp_path.as_uri())
    place = settings.keys / "webhooks" / "own"
    place.parent.mkdir(parents=True, mode=0o700)
    place.touch(mode=0o600)
    place.write_text("a key of 24 or more bytes")
    hook = checked(f"{system.address}/audiences", "file:own")
    push_webhooks.enter(settings, SHOP, hook, by="test")
    return settings


def inside(system: Endpoint) -> set[str]:
    """Who is in the audience there, each message taken once."""
    there: set[str] = set()
    for _, _, body in system.effects.values():
        for record in body.get("crm_record_ids", ()):
            is_new = body["type"] == "audience.people_added"
            there.add(record) if is_new else there.discard(record)
    return there


def test_batches_of_a_hundred_of_the_clients_own_ids(shop: Settings, system: Endpoint) -> None:
    done = pushed(shop, ask(shop, partner_id=WEBHOOK, follows=True))
    assert (done.state, done.reason) == ("done", None)
    bodies = [call.body for call in system.calls]
    assert [len(body.get("crm_record_ids", ())) for body in bodies] == [0, 100, 20]
    assert bodies[0] == {"type": "audience.created", "audience": {"id": "loyal", "name": "Loyal"}}
    assert inside(system) == held(shop, WEBHOOK) == PEOPLE
    night = next_night(shop, [person(n) for n in range(5, 122)])
    (asked,) = asking.follow_all(night)
    pushed(night, asked)
    assert inside(system) == held(night, WEBHOOK) == {f"r{n}" for n in range(5, 122)}
    assert len(system.calls) == 5


@pytest.mark.parametrize("failpoint", a_few_now(AUDIENCE_FILE_FAILPOINTS, "audience_file.sent"))
def test_P25_killed_it_goes_on(shop: Settings, system: Endpoint, failpoint: str) -> None:
    push = ask(shop, partner_id=WEBHOOK)
    assert forked_worker_dies(shop, failpoint), "the failpoint is never reached"
    assert pushed(later(shop, minutes=1), push).state == "done"
    assert inside(system) == held(shop, WEBHOOK) == PEOPLE
    assert len(system.calls) == 3


@pytest.mark.parametrize("fault", ["drop", "reset", 503])
def test_an_answer_that_is_lost_counts_once(
    shop: Settings, system: Endpoint, fault: str | int
) -> None:
    system.fault = lambda number, body: fault if number == 1 else None
    assert work(shop, ask(shop, partner_id=WEBHOOK)).state == "done"
    assert inside(system) == PEOPLE
    assert len({call.key for call in system.calls}) == 3


def test_what_is_refused_is_said_and_not_tried_on(shop: Settings, system: Endpoint) -> None:
    system.fault = lambda number, body: 410
    stuck = work(shop, ask(shop, partner_id=WEBHOOK))
    assert stuck.state == "stuck"
    assert "answers 410" in (stuck.reason or "")
    assert len(system.calls) == 1


def test_who_opts_out_leaves(shop: Settings, system: Endpoint) -> None:
    pushed(shop, ask(shop, partner_id=WEBHOOK))
    suppressions.add(shop, subject_type="record", subject_id="r3")
    (asked,) = leaving.ask_to_leave(shop)
    pushed(shop, asked)
    assert inside(system) == held(shop, WEBHOOK) == PEOPLE - {"r3"}


def test_a_webhook_that_is_removed_is_no_destination(shop: Settings) -> None:
    assert WEBHOOK in asking.destinations(shop, SHOP)
    push = ask(shop, partner_id=WEBHOOK)
    push_webhooks.enter(shop, SHOP, None, by="test")
    assert WEBHOOK not in asking.destinations(shop, SHOP)
    assert pushed(shop, push).reason_code == "inactive"
