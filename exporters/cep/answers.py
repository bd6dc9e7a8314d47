"""What an answer of CEP means: its `errorCode` decides first, then the status.

A body that is not what was asked for is no success, whatever the status says. Texts of the server
are not repeated: they quote addresses and numbers of people.
"""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from matchbook.errors import DestinationError, PushAborted, RetryLater

LIMIT = "Database Access Limit Exceeded"
LOCKED = "cannot be locked in exclusive mode"
LONGEST_REST = 15 * 60.0
"""Seconds, however long a Retry-After asks for."""
NOBODY_TOLD = "Everybody who was added or removed so far is noted."


class Refused(DestinationError):
    """CEP says no to this one call; the same call again would not help."""

    def __init__(self, code: str, about: str, name: str) -> None:
        self.code, self.about, self.name = code, about, name
        super().__init__(f"CEP refuses the call: {code}.")

    def lacks(self, kind: str) -> bool:
        """Whether it says that this user, group or membership does not exist."""
        return self.code == "NO_SUCH_OBJECT" and self.about == kind


class Unclear(RetryLater):
    """Nobody knows whether the call took effect: to be looked up before it is made again."""


class NotSent(RetryLater):
    """The call has certainly not arrived."""


class Busy(RetryLater):
    """CEP did not do it: too many calls, or a group that is locked. `code`: limit or locked."""

    def __init__(self, code: str, happened: str, *, after: float | None = None) -> None:
        self.code = code
        super().__init__(happened, kept=NOBODY_TOLD, todo="It is tried again.", after=after)


class Stopped(PushAborted):
    """A person has to look. `code` says at what."""

    def __init__(self, code: str) -> None:
        self.code = code
        happened, todo = _STOPPED[code]
        super().__init__(happened, kept=NOBODY_TOLD, todo=todo)


_STOPPED = {
    "credentials": (
        "CEP refuses the user name or the password.",
        "Enter them again. The user has to be a system user of the type API User or Hybrid.",
    ),
    "no_log_in": (
        "CEP says that no log-in was sent to it.",
        "Something between here and CEP takes the log-in away, such as a proxy: ask your network.",
    ),
    "expired": (
        "The password of the CEP user has expired.",
        "Set a new one in CEP, then enter it here.",
    ),
    "permission": (
        "The CEP user has no permission for this group.",
        "Give it the role Client Administrator in CEP, or rights on the group.",
    ),
    "address": (
        "There is no CEP API of this version at the API URL.",
        "Check the address, above all its end: /api/rest/v6.",
    ),
    "not_cep": (
        "What answers at the API URL is not the CEP API: it sends a web page.",
        "Check the address. It is the one of the API, not the one where people log in.",
    ),
    "redirect": (
        "The API URL leads to another address; a password is not sent along to it.",
        "Enter the new address, if Mapp confirms it.",
    ),
    "certificate": (
        "The server's certificate is not to be trusted; no password was sent.",
        "Ask Mapp. Verification cannot be switched off.",
    ),
    "no_tls": (
        "The server does not encrypt (TLS); no password was sent.",
        "Check the address and its port.",
    ),
    "contract": (
        "CEP answers in a way that this version does not know.",
        "Report it with the status shown in the log.",
    ),
    "no_group": (
        "The group is not there in CEP any more: it was deleted or archived.",
        "Bring it back in CEP and try again, or stop this push and begin another one.",
    ),
    "default_group": (
        "The default group is not there in CEP, or it is archived.",
        "Enter the number of a group that is active; new groups are cloned from it.",
    ),
    "name_taken": (
        "Another group in CEP has this name already.",
        "Choose another name and try again.",
    ),
    "lost_group": (
        "CEP has cloned the group, but its answer with the number was lost.",
        "Find the group in CEP by its e-mail address, and enter its number here.",
    ),
    "group_refused": (
        "CEP does not accept the group's name or its e-mail address.",
        "Choose another name and try again.",
    ),
}


def understood(answer: httpx.Response, *, now: datetime) -> Any:
    """The JSON of a success; None for one without a body.

    Raises Refused, Unclear, Busy, Stopped.
    """
    status = answer.status_code
    _check_access(status)
    body = _json(answer)
    code = str(body.get("errorCode") or "") if isinstance(body, dict) else ""
    if status == 429 or (status != 200 and LIMIT in answer.text):
        raise Busy("limit", "CEP takes no more calls for now.", after=_rest(answer, now))
    if status == 503:  # of something in between perhaps, behind which the call took effect
        raise unclear(_rest(answer, now))
    if LOCKED in answer.text and (code or status >= 500):
        raise Busy("locked", "The group is locked in CEP: an import or a sendout is running.")
    if code:
        raise _said_no(code, status, body)
    if status == 204 or (status == 200 and not answer.content):
        return None
    if status == 200 and body is not _NO_JSON:
        return body
    if 400 <= status < 500:
        raise Stopped("address" if status == 404 else "contract")
    raise unclear()


def unclear(after: float | None = None) -> Unclear:
    """An answer that says nothing, or none."""
    todo = "It is looked up and tried again."
    return Unclear("CEP gave no clear answer.", kept=NOBODY_TOLD, todo=todo, after=after)


def away() -> NotSent:
    """No connection."""
    return NotSent("CEP cannot be reached.", kept=NOBODY_TOLD, todo="It is tried again by itself.")


def _check_access(status: int) -> None:
    words = {401: "no_log_in", 403: "credentials", 417: "expired"}
    if 300 <= status < 400:
        raise Stopped("redirect")
    if status in words:
        raise Stopped(words[status])


def _said_no(code: str, status: int, body: dict[str, Any]) -> DestinationError:
    if code == "PERMISSION_DENIED":
        return Stopped("permission")
    if code == "UNEXPECTED_ERROR" or status >= 500:
        return unclear()
    if code == "INVALID_REQUEST" and status == 404:
        return Stopped("address")
    about, name = str(body.get("objectType") or ""), str(body.get("propertyName") or "")
    return Refused(code, about, name)


_NO_JSON = object()


def _json(answer: httpx.Response) -> Any:
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return _NO_JSON


def _rest(answer: httpx.Response, now: datetime) -> float | None:
    """Retry-After in seconds or as a date, never longer than we would; None if it is neither."""
    told = answer.headers.get("Retry-After", "").strip()
    try:
        seconds = (
            float(told)
            if told.isascii() and told.isdigit()
            else (parsedate_to_datetime(told) - now).total_seconds()
        )
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), LONGEST_REST)
