"""One signed message to somebody's address, as the Standard Webhooks specification has it
(standardwebhooks.com, 1.0): `webhook-id`, `webhook-timestamp` and `webhook-signature`, the last
being `v1,` and base64 of HMAC-SHA256 over id, timestamp and body, joined by full stops.

Whoever receives it computes the same, refuses what is older than five minutes, and takes an id
once. Redirects are never followed: what is signed is for one host.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import ssl
from typing import Any

import httpx

from matchbook.clock import Clock
from matchbook.errors import DestinationError, PushAborted, RetryLater

ANSWER_SECONDS = 10
WAITS = (2.0, 8.0)
"""Before the second and the third try; what then was not taken waits for the next run."""
LONGEST_WAIT = 60.0
_KEPT = "The message is kept."


def post(
    url: str, secret: str, message_id: str, body: dict[str, Any], *, clock: Clock,
    client: httpx.Client | None = None,
) -> None:  # fmt: skip
    """Deliver a message. Raises RetryLater when it was not taken now, PushAborted when it never
    will be as it is."""
    content = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
    caller = client or httpx.Client(
        follow_redirects=False, timeout=ANSWER_SECONDS, verify=ssl.create_default_context()
    )
    with caller:
        for tried in itertools.count():
            headers = signed(secret, message_id, content, int(clock.now().timestamp()))
            try:
                return _call(caller, url, content, headers)
            except RetryLater as error:
                if tried >= len(WAITS):
                    raise
                clock.sleep(min(error.after or WAITS[tried], LONGEST_WAIT))


def signed(secret: str, message_id: str, content: bytes, timestamp: int) -> dict[str, str]:
    """The headers of a message; a secret beginning with `whsec_` is base64 of its bytes."""
    text = f"{message_id}.{timestamp}.".encode() + content
    signature = hmac.digest(_key(secret), text, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise PushAborted(
            "The webhook's secret begins with whsec_ and is not base64.",
            kept=_KEPT,
            todo="Enter it as the receiver shows it.",
        ) from None


def _call(client: httpx.Client, url: str, content: bytes, headers: dict[str, str]) -> None:
    try:
        answer = client.post(url, content=content, headers=headers)
    except httpx.TransportError:
        raise RetryLater(
            "The webhook's address cannot be reached.", kept=_KEPT, todo="It is tried again."
        ) from None
    if problem := _problem(answer):
        raise problem


def _problem(answer: httpx.Response) -> DestinationError | None:
    status = answer.status_code
    if 200 <= status < 300:
        return None
    if status in (408, 425, 429) or status >= 500:
        return RetryLater(
            f"The webhook's address answers {status}.",
            kept=_KEPT,
            todo="It is tried again.",
            after=_seconds(answer.headers.get("Retry-After", "")),
        )
    return PushAborted(
        f"The webhook's address answers {status}: it does not take the message.",
        kept=_KEPT,
        todo="Correct address or secret: matchbook alerts webhook",
    )


def _seconds(told: str) -> float | None:
    return float(told) if told.strip().isdigit() else None
