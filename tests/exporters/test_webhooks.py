"""Alerts on their way: signed so that the receiver can check, tried again, in order, once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from exporters import webhooks
from exporters.alerting import send_waiting
from matchbook.alerts import messages, webhook
from matchbook.alerts.looking import look
from matchbook.clock import Clock
from matchbook.errors import PushAborted, RetryLater
from matchbook.settings import Settings
from tests.dashboard import world
from tests.matchbook.alerts.test_looking import publish_one

SECRET = "whsec_" + base64.b64encode(b"a key of 24 or more bytes").decode()
URL = "https://hooks.homestead.example/m"
Answers = list[httpx.Response | httpx.TransportError]


class Receiver:
    """Answers as it was told to, then with 204."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.asked: list[httpx.Request] = []
        self._answers: Answers = list(answers)

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        said = self._answers.pop(0) if self._answers else httpx.Response(204)
        if isinstance(said, httpx.TransportError):
            raise said
        return said


def test_the_receiver_can_check_who_sent_it() -> None:
    receiver, clock = Receiver(), Clock(world.NOW)
    post(receiver, clock)
    (request,) = receiver.asked
    told = request.headers
    text = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + request.content
    ours = hmac.digest(b"a key of 24 or more bytes", text, hashlib.sha256)
    assert told["webhook-signature"] == f"v1,{base64.b64encode(ours).decode()}"
    assert told["webhook-timestamp"] == str(int(world.NOW.timestamp()))
    assert json.loads(request.content) == {"type": "alert.opened"}


def test_the_specification_s_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    content = b'{"test": 2432232314}'
    told = webhooks.signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", content, 1614265330)
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_who_is_busy_is_asked_again() -> None:
    later = httpx.Response(503, headers={"Retry-After": "30"})
    receiver, clock = Receiver(later, httpx.ConnectError("away")), Clock(world.NOW)
    post(receiver, clock)
    assert len(receiver.asked) == 3
    assert clock.now() == world.NOW + timedelta(seconds=30 + 8)
    assert len({request.headers["webhook-id"] for request in receiver.asked}) == 1


def test_who_stays_away_is_left_for_the_next_night() -> None:
    receiver = Receiver(*[httpx.ConnectError("away")] * 5)
    with pytest.raises(RetryLater, match="cannot be reached"):
        post(receiver, Clock(world.NOW))
    assert len(receiver.asked) == 3


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
def test_who_refuses_is_not_asked_again(status: int) -> None:
    receiver = Receiver(httpx.Response(status, headers={"Location": "https://other.example"}))
    with pytest.raises(PushAborted, match=f"answers {status}"):
        post(receiver, Clock(world.NOW))
    assert len(receiver.asked) == 1


def test_messages_wait_in_order_until_they_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, now=world.NOW)
    publish_one(settings)
    tell(settings, "file:none")
    look(settings)
    assert "keys/webhooks/none" in send_waiting(settings).problems["homestead"]
    tell(settings, "env:MATCHBOOK_WEBHOOK_TEST")
    monkeypatch.setenv("MATCHBOOK_WEBHOOK_TEST", SECRET)
    receiver = Receiver(*[httpx.Response(500)] * 3)
    monkeypatch.setattr(httpx, "Client", _always(receiver))
    first = send_waiting(settings)
    assert first.sent == 0
    assert first.problems == {"homestead": "The webhook's address answers 500."}
    assert (send_waiting(settings).sent, send_waiting(settings).sent) == (3, 0)
    assert messages.waiting(settings) == []
    bodies = [json.loads(request.content) for request in receiver.asked[3:]]
    assert {body["type"] for body in bodies} == {"alert.opened"}
    assert {body["data"]["cause"] for body in bodies} == {"gone", "volume", "consent"}


def tell(settings: Settings, secret: str) -> None:
    webhook.set_webhook(settings, "homestead", webhook.checked(URL, secret), by="test")


def post(receiver: Receiver, clock: Clock) -> None:
    webhooks.post(
        URL, SECRET, "alert-1-opened", {"type": "alert.opened"}, clock=clock,
        client=receiver.client(),
    )  # fmt: skip


def _always(receiver: Receiver) -> Callable[..., httpx.Client]:
    made = httpx.Client
    return lambda **_: made(transport=httpx.MockTransport(receiver._answer))
