"""A client of CEP's REST API, as far as pushes need it: typed, one call a method, no retries.

Every failure is one of `exporters.cep.answers`; who pushes decides what to do about it. Redirects
are never followed: the password is for one host.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from exporters.cep.answers import Refused, Stopped, away, unclear, understood
from matchbook.clock import Clock
from matchbook.errors import DestinationError

ANSWER_SECONDS = 60
"""Some calls take more than half a minute, by CEP's own word."""
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Group:
    """A group as CEP tells it."""

    group_id: int
    name: str
    email: str


class Cep:
    """One account."""

    def __init__(
        self,
        api_url: str,
        user_name: str,
        password: str,
        *,
        turn: Callable[[], AbstractContextManager[None]],
        clock: Clock,
    ) -> None:
        """`turn` gives the time for one call; see `matchbook.pushes.turns`."""
        self._url = api_url.rstrip("/")
        self._turn = turn
        self._clock = clock
        self._http = httpx.Client(
            auth=httpx.BasicAuth(user_name, password),
            headers={"Accept": "application/json"},
            follow_redirects=False,
            timeout=ANSWER_SECONDS,
            verify=_trusted(),
        )

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def api_version(self) -> str:
        """The cheapest call that needs the log-in."""
        return str(_is(str, self._call("GET", "system/getApiVersion")))[:40]

    def group(self, group_id: int) -> Group:
        """One group."""
        return _group(self._call("GET", "group/get", groupId=group_id))

    def clone(self, group_id: int, *, name: str, email: str, description: str) -> Group:
        """A new group with another's settings and without its members."""
        flags = ("includePreparedMessages", "includeTestUsers", "keepOwner", "withOwnerAsMember")
        asked = {"name": name, "email": email, "description": description}
        asked |= dict.fromkeys(flags, False)  # type: ignore[arg-type]
        made = _group(self._call("POST", "group/clone", asked, groupId=group_id))
        if made.email.lower() != email.lower() or made.group_id == group_id:
            raise unclear()
        return made

    def attributes(self, group_id: int) -> dict[str, str]:
        """What a group says of itself."""
        found = _is(list, self._call("GET", "group/getAttributes", groupId=group_id))
        return {str(one["name"]): str(one["value"]) for one in found if isinstance(one, dict)}

    def set_attributes(self, group_id: int, attributes: dict[str, str]) -> None:
        """Write some; others stay."""
        said = [{"name": name, "value": value} for name, value in attributes.items()]
        self._done("POST", "group/setAttributes", said, groupId=group_id)

    def groups_with(self, attributes: dict[str, str]) -> list[int]:
        """The numbers of groups that say all this of themselves."""
        said = [{"name": name, "value": value} for name, value in attributes.items()]
        return [
            _number(i) for i in _is(list, self._call("POST", "group/findIdsByAttributes", said))
        ]

    def groups_named(self, text: str) -> list[Group]:
        """Groups with this in their name or e-mail address.

        Only version 19 has this; versions stand side by side at one host, so it is asked there
        whatever version the account uses. Raises Stopped("address") where there is none.
        """
        found = self._call("GET", "group/find", version=19, nameFilter=text, size=100)
        rows = found.get("groups") if isinstance(found, dict) else found
        return [_group(row) for row in _is(list, rows)]

    def add(self, contact_id: int, group_id: int) -> None:
        """Make a contact a member, silently. In CEP this is a GET that writes."""
        both = {"userId": contact_id, "groupId": group_id}
        said = _is(dict, self._call("GET", "membership/create", None, **both))
        if {name: _number(said.get(name)) for name in both} != both:
            raise unclear()

    def remove(self, contact_id: int, group_id: int) -> None:
        """End a membership, silently: it is no opt-out."""
        self._done("DELETE", "membership/delete", userId=contact_id, groupId=group_id)

    def is_member(self, contact_id: int, group_id: int) -> bool:
        """Whether a contact is a member now. Raises Refused for one that CEP does not have."""
        try:
            said = self._call("GET", "membership/get", userId=contact_id, groupId=group_id)
        except Refused as refused:
            if refused.lacks("Membership"):
                return False
            raise
        if _number(_is(dict, said).get("userId")) != contact_id:
            raise unclear()
        return True

    def _done(self, verb: str, method: str, body: Any = None, **parameters: Any) -> None:
        """A call that answers nothing: a page in its place is no success."""
        if self._call(verb, method, body, **parameters) is not None:
            raise unclear()

    def _call(
        self, verb: str, method: str, body: Any = None, *, version: int | None = None,
        **parameters: Any,
    ) -> Any:  # fmt: skip
        url = self._url if version is None else _at_version(self._url, version)
        try:
            answer = self._sent(
                verb,
                f"{url}/{method}",
                params=parameters,
                **({} if body is None else {"json": body}),
            )
        except _NEVER_LEFT as error:
            raise _not_connected(error) from None
        except (httpx.TransportError, httpx.DecodingError):
            raise unclear() from None
        except (httpx.InvalidURL, UnicodeError):
            raise Stopped("address") from None
        return understood(answer, now=self._clock.now())

    def _sent(self, verb: str, url: str, **more: Any) -> httpx.Response:
        with self._turn():
            return self._http.request(verb, url, **more)


@cache
def _trusted() -> ssl.SSLContext:
    """The machine's certificate authorities; reading them takes longer than several calls."""
    return ssl.create_default_context()


def _at_version(url: str, version: int) -> str:
    base = re.sub(r"/v\d+$", "", url)
    return f"{base}/v{version}"


def _is(kind: type, said: Any) -> Any:
    if not isinstance(said, kind):
        raise unclear()
    return said


def _group(said: Any) -> Group:
    found = _is(dict, said)
    return Group(_number(found.get("id")), str(found.get("name")), str(found.get("email")))


def _number(said: Any) -> int:
    """Numbers also come as texts of digits; they exceed 32 bits."""
    try:
        return int(str(said))
    except ValueError:
        raise unclear() from None


def _not_connected(error: BaseException | None) -> DestinationError:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            is_certificate = isinstance(error, ssl.SSLCertVerificationError)
            return Stopped("certificate" if is_certificate else "no_tls")
        error = error.__cause__ or error.__context__
    return away()
