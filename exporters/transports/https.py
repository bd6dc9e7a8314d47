"""HTTPS: a file goes as one request for each of its lines, or whole as the body of one.

What a request says is in the partner's profile. The partner's answers are all that is known
afterwards, unless it sends the digest of what it received (RFC 9530). Redirects are never
followed: credentials are for one host.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from exporters.formats import json_batches
from exporters.transports.failures import (
    away,
    busy,
    log_in_refused,
    not_as_sent,
    not_trusted,
    not_understood,
    redirected,
)
from exporters.transports.secrets import credentials
from exporters.transports.transport import Note, Receipt
from matchbook.clock import Clock, utc_naive
from matchbook.delivery_rows import DeliveryFile
from matchbook.errors import ConfigError, RetryLater
from matchbook.partner_channels import Channel
from matchbook.partners.profile import Http
from matchbook.settings import Settings

ANSWER_SECONDS = 60
LONGEST_WAIT = 15 * 60
"""However long a Retry-After asks for."""
WAITED_OUT = 60
"""A Retry-After up to so many seconds is waited for at once, a few times in a row."""
TRIES = 4


class Https:
    """One host, one set of credentials."""

    reads_back = False

    def __init__(self, settings: Settings, channel: Channel, clock: Clock) -> None:
        self._profile = channel.profile
        if self._profile.http is None:
            raise ConfigError(
                "The partner's profile says nothing of HTTPS.", kept="Nothing was sent."
            )
        self._http: Http = self._profile.http
        self._clock = clock
        self._all_verified = True
        self._client = httpx.Client(
            base_url=channel.address,
            headers=_authorised(self._http, credentials(settings, channel)),
            follow_redirects=False,
            timeout=ANSWER_SECONDS,
            verify=ssl.create_default_context(),
        )

    def send(self, file: DeliveryFile, source: Path, note: Note) -> DeliveryFile:
        """Go on after the requests that were answered."""
        if file.kind == "manifest":
            return file
        if self._profile.format == "json_batches":
            file = self._send_lines(file, source, note)
        else:
            self._send_whole(file, source)
        sent = replace(file, sent_at=utc_naive(self._clock.now()))
        note(sent)
        return sent

    def sha256(self, name: str) -> str | None:
        """Nothing can be looked at there."""
        return None

    def remove(self, name: str) -> None:
        """What was answered cannot be taken back."""

    def receipt(self) -> Receipt:
        """`partner` only when it told the digest of every request."""
        return "partner" if self._all_verified else "answers"

    def probe(self, clock: Clock) -> None:
        """Call once: it answers, and does not refuse our credentials. Nothing is written."""
        answer = self._called("GET", "/", b"", key="probe")
        if answer.status_code in self._http.halt:
            raise log_in_refused()

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _send_lines(self, file: DeliveryFile, source: Path, note: Note) -> DeliveryFile:
        self._all_verified &= file.requests_done == 0
        for request in itertools.islice(json_batches.requests(source), file.requests_done, None):
            body = json.dumps(request["body"], separators=(",", ":")).encode()
            key = f"{file.sha256[:32]}-{file.requests_done}"
            is_taken = self._accepted(request["method"], request["path"], body, key)
            rows = 0 if is_taken else len(request["body"])
            file = replace(file, requests_done=file.requests_done + 1,
                           rows_refused=file.rows_refused + rows)  # fmt: skip
            note(file)
        return file

    def _send_whole(self, file: DeliveryFile, source: Path) -> None:
        values = {name: self._profile.value(name) for name in self._profile.parameters}
        values["file"] = file.name
        if before := self._http.before:
            said = before.removal_body if file.kind == "removals" else before.body
            body = {name: text.format(**values) for name, text in (said or before.body).items()}
            answer = self._answered(
                "POST", before.path.format(**values), json.dumps(body).encode(),
                f"{file.sha256[:32]}-import", "application/json",
            )  # fmt: skip
            values["id"] = _found(answer, before.id_at)
        path = self._http.path.format(**values)
        if not self._accepted(self._http.method, path, source.read_bytes(), file.sha256[:32]):
            raise not_understood(400)

    def _accepted(self, method: str, path: str, body: bytes, key: str) -> bool:
        """Whether it was taken; False when the partner refuses this one request."""
        answer = self._answered(method, path, body, key, self._http.content_type)
        if answer.status_code in self._http.skip:
            return False
        self._verify(answer, body)
        return True

    def _answered(
        self, method: str, path: str, body: bytes, key: str, content_type: str
    ) -> httpx.Response:
        for number in itertools.count(1):
            try:
                answer = self._called(method, path, body, key=key, content_type=content_type)
                self._check(answer)
            except RetryLater as error:
                if number >= TRIES or error.after is None or error.after > WAITED_OUT:
                    raise
                self._clock.sleep(error.after)
            else:
                return answer
        raise AssertionError("unreachable")

    def _called(
        self, method: str, path: str, body: bytes, *, key: str, content_type: str = ""
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} | ({"Content-Type": content_type} if body else {})
        with _told():
            answer = self._client.request(method, path, content=body or None, headers=headers)
        if answer.is_redirect or 300 <= answer.status_code < 400:
            raise redirected()
        return answer

    def _check(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status in self._http.halt:
            raise log_in_refused()
        if status in (408, 425, 429) or status >= 500:
            raise busy(_wait_of(answer, self._clock.now()))
        if status not in self._http.skip and not 200 <= status < 300:
            raise not_understood(status)

    def _verify(self, answer: httpx.Response, body: bytes) -> None:
        told = answer.headers.get("Content-Digest") or answer.headers.get("Repr-Digest")
        if told is None:
            self._all_verified = False
            return
        ours = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if f"sha-256=:{ours}:" not in told:
            raise not_as_sent()


def _authorised(http: Http, held: str) -> dict[str, str]:
    if http.authentication == "authorization":
        return {"Authorization": held}
    if http.authentication == "bearer":
        return {"Authorization": f"Bearer {held}"}
    if ":" not in held:
        raise ConfigError(
            "The channel's credentials do not stand as `id:secret`.",
            kept="Nothing was sent.",
            todo="Write them on one line: the id, a colon, the secret.",
        )
    return {"Authorization": f"Basic {base64.b64encode(held.encode()).decode()}"}


def _found(answer: httpx.Response, place: str) -> str:
    """The import's id in the answer; without it nothing can be sent."""
    try:
        found: Any = answer.json()
        for name in place.split("."):
            found = found[name]
    except (ValueError, KeyError, TypeError):
        raise not_as_sent() from None
    return str(found)


def _wait_of(answer: httpx.Response, now: datetime) -> float | None:
    """Retry-After in seconds or as a date, never longer than we would; None if it is neither."""
    told = answer.headers.get("Retry-After", "")
    try:
        seconds = (
            float(told)
            if told.strip().isdigit()
            else (parsedate_to_datetime(told) - now).total_seconds()
        )
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        if _is_certificate(error):
            raise not_trusted() from None
        raise away() from None


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
