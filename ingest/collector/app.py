"""Routing: a request becomes a call, a handler's answer becomes the response."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.collector import landing, mail, optout, outgoing, pages, script, sync
from ingest.collector.addresses import is_within, peer_address
from ingest.collector.answers import Answer, text, unavailable
from ingest.collector.calls import Call, parse_call, read_headers
from ingest.collector.collector import Collector
from ingest.collector.metrics import CONTENT_TYPE

logger = logging.getLogger("matchbook.collector")

Handler = Callable[[Collector, Call], Answer]

ROUTES: dict[str, Handler] = {
    "/bakery/sync/dmpsyncendpoint": sync.sync,
    outgoing.OUT: outgoing.out,
    outgoing.RETURN: outgoing.come_back,
    "/bakery/page": pages.page,
    "/bakery/event": pages.event,
    "/bakery/identify": pages.identify,
    "/bakery/bake": pages.bake,
    "/bakery/pixel.js": script.script,
    "/bakery/optout": optout.optout,
    "/.well-known/gpc.json": optout.gpc_support,
    "/bakery/click": mail.click,
    "/bakery/read": mail.read,
    "/bakery/land": landing.land,
}
"""Path → handler: a plain function that awaits nothing."""

POSTABLE: frozenset[str] = frozenset({"/bakery/optout"})
"""Paths whose page holds a form; its fields are in the query, a body is not read."""

MAX_URL = 8 * 1024
METHODS = ("GET", "HEAD")


class App:
    """The RSGI application of one collector."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self._clock = collector.settings.clock
        self._trusted = collector.settings.trusted_proxies

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request, once its line is safe."""
        if scope.proto != "http":
            protocol.close(1003)
            return
        log = self.collector.log
        before = log.taken
        path: str = scope.path
        answer = self.answer(scope, path)
        if log.taken != before and not await log.kept():
            answer = lost(self.collector, answer)
        self.collector.metrics.answered(path if path in ROUTES else "other", answer.status)
        protocol.response_bytes(answer.status, answer.headers, answer.body)

    def answer(self, scope: Any, path: str) -> Answer:
        """The answer to a request; an error of ours is told by its type only."""
        try:
            return self._routed(scope, path)
        except Exception as error:  # noqa: BLE001 - the last resort; its message might quote the call
            logger.error(
                "a call failed", extra={"kind": type(error).__name__, "place": _place(error)}
            )
            return text(500, "Something went wrong. Nothing was stored.\n")

    def _routed(self, scope: Any, path: str) -> Answer:
        query = scope.query_string
        headers = read_headers(scope.headers)
        if scope.authority is not None:
            headers["host"] = scope.authority
        refusal = _refusal(scope.method, path, query, headers)
        if refusal is not None:
            return refusal
        handler = ROUTES.get(path)
        if handler is None:
            return _own_page(self.collector, path, headers, scope.client)
        call = parse_call(
            method=scope.method,
            path=path,
            query=query,
            headers=headers,
            peer=scope.client,
            at=self._clock.now(),
            trusted=self._trusted,
        )
        if len(call.cookies) > 1:
            self.collector.metrics.spare_cookies += len(call.cookies) - 1
        if not self.collector.directory.is_our_host(call.host):
            return text(421, "This host name is not one of this collector's.\n", close=True)
        return handler(self.collector, call)


def lost(collector: Collector, answer: Answer) -> Answer:
    """What a call gets instead, whose line could not be kept."""
    collector.metrics.dropped += 1
    return answer.if_lost or unavailable()


def _refusal(method: str, path: str, query: str, headers: dict[str, str]) -> Answer | None:
    """What no handler needs to see: bad_inputs UP03, UP04, UP15."""
    if len(query) + len(path) > MAX_URL:
        return text(414, "The URL is longer than 8 KiB.\n", close=True)
    if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
        return text(400, "A call has no body.\n", close=True)
    if method not in METHODS and not (method == "POST" and path in POSTABLE):
        answer = text(405, "Calls are GET.\n", close=True)
        answer.headers.append(("allow", "GET, HEAD"))
        return answer
    return None


def _own_page(collector: Collector, path: str, headers: dict[str, str], peer: str) -> Answer:
    """Health and metrics; whether the peer may see the latter is looked at first."""
    if path == "/healthz":
        if collector.log.is_writable:
            return text(200, "ok\n")
        return text(503, "The log cannot be written.\n")
    is_proxied = "x-forwarded-for" in headers or "forwarded" in headers
    allowed = is_within(peer_address(peer), collector.settings.metrics_from) and not is_proxied
    if path == "/metrics" and allowed:
        answer = text(200, "", content_type=CONTENT_TYPE)
        answer.body = collector.metrics.exposition()
        return answer
    return text(404, "There is nothing here.\n")


def _place(error: Exception) -> str:
    """Where an error of ours happened; its message might quote the call."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
