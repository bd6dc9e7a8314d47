"""Where a tracked link may lead: to a host the client has listed, and nowhere else.

What is not plainly a URL is refused, not repaired: parsers disagree about the rest, and a
browser must not see another host in it than we did (OWASP, unvalidated redirects).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from matchbook.links import PATHS
from matchbook.registry import Client

_URL = re.compile(r"(?i:(https?)://([a-z0-9.-]{1,253})(:[0-9]{1,5})?)([/?#].*)?", re.DOTALL)
_NEVER = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
"""Control characters would end a header; browsers take a backslash for a slash."""

_AS_IT_IS = "%/?#[]@!$&'()*+,;=:~"


class TargetRefused(Exception):
    """`reason`: bad_target | not_https | host_not_listed | self_redirect."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def checked_target(target: str, client: Client, is_our_host: Callable[[str], bool]) -> str:
    """The URL to send a browser to, in ASCII. Raises TargetRefused."""
    found = _URL.fullmatch(target)
    if found is None or _NEVER.search(target) or int((found[3] or ":0")[1:]) > 65535:
        raise TargetRefused(_what_is_wrong(target))
    scheme, host = found[1].lower(), canonical_host(found[2])
    if scheme == "http" and not client.allows_http_landing:
        raise TargetRefused("not_https")
    if host not in {canonical_host(listed) for listed in client.landing_hosts}:
        raise TargetRefused("host_not_listed")
    rest = _encoded(found[4] or "/")
    if is_our_path(rest, everywhere=is_our_host(host)):
        raise TargetRefused("self_redirect")
    return f"{scheme}://{host}{found[3] or ''}{rest}"


def host_of(url: str) -> str:
    """The host of a URL that `checked_target` returned."""
    return url.split("/", 3)[2].split(":")[0]


def is_our_path(rest: str, *, everywhere: bool) -> bool:
    """Whether a URL's part after the host is a tracked link, or with `everywhere` any call of
    ours: a link to one would go round in circles, or hide where it leads."""
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    for _ in range(3):  # a server may decode once or twice before it routes
        path = unquote(path)
    path = "/" + posixpath.normpath(path.replace("\\", "/")).lstrip("/").lower()
    return path == PATHS["click"] or (everywhere and f"{path}/".startswith("/bakery/"))


def canonical_host(host: str) -> str:
    """Lower case, without the dot of the root."""
    return host.lower().removesuffix(".")


def _what_is_wrong(target: str) -> str:
    is_web = re.match(r"(?i)https?:", target) or target.startswith(("/", "\\"))
    return "bad_target" if is_web or ":" not in target else "not_https"


def _encoded(rest: str) -> str:
    try:
        return quote(rest if rest[0] == "/" else "/" + rest, safe=_AS_IT_IS)
    except UnicodeEncodeError:
        raise TargetRefused("bad_target") from None
