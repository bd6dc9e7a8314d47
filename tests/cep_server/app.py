"""The server: the general rules of the contract (G1–G14) around its methods."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.cep_server import memberships  # noqa: F401 - its methods register themselves
from tests.cep_server.faults import Asked, Faults, Rate
from tests.cep_server.methods import METHODS, Call, Method
from tests.cep_server.page import start_page
from tests.cep_server.store import Refusal, Store

PATH = re.compile(r"(?:/[^/]+)?/api/rest(?:/v(?P<version>\d{1,3}))?/(?P<method>[a-z]+/[A-Za-z]+)")
LOG_IN_PAGE = "<!doctype html><title>Login</title><h1>Please log in</h1>"
LIMIT = "Database Access Limit Exceeded"
JSON = "application/json;charset=UTF-8"
CUTS = {"drop", "commit_then_drop", "commit_then_reset"}


@dataclass
class World:
    """Everything a server holds."""

    store: Store
    faults: Faults = field(default_factory=Faults)
    journal: list[Asked] = field(default_factory=list)
    rates: defaultdict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    connections: dict[Any, Any] = field(default_factory=dict)
    """Peer → transport, so that a fault can cut it."""


def application(world: World) -> Starlette:
    async def api(request: Request) -> Response:
        return await answer(world, request)

    async def control(request: Request) -> Response:
        if request.method == "PUT":
            for name, value in (await request.json()).items():
                if not world.store.switch(name, value):
                    if not hasattr(world.faults, name):
                        return JSONResponse({"unknown": name}, 400)
                    setattr(world.faults, name, value)
        return JSONResponse(asdict(world.faults))

    async def journal(_request: Request) -> Response:
        return JSONResponse([asdict(asked) for asked in world.journal])

    async def start(_request: Request) -> Response:
        return HTMLResponse(start_page(world.store, world.journal))

    return Starlette(
        routes=[
            Route("/", start),
            Route("/__control", control, methods=["GET", "PUT"]),
            Route("/__journal", journal),
            Route("/{rest:path}", api, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
        ]
    )


async def answer(world: World, request: Request) -> Response:
    found = PATH.fullmatch(request.url.path)
    name = found["method"] if found else ""
    version = int(found["version"] or max(world.faults.versions)) if found else 0
    asked = Asked(time.monotonic(), request.method, request.url.path, name,
                  dict(request.query_params))  # fmt: skip
    world.journal.append(asked)
    if world.faults.latency_ms:
        await asyncio.sleep(world.faults.latency_ms / 1000)
    try:
        account = _logged_in(world, request)
        _check_rate(world, account)
        asked.fault = world.faults.next(name)
        before = _fault_before(world, request, asked)
        if before is not None:
            return before
        method = _method(world, request, name, version)
        status, payload = method.answer(await _call(world, request))
        asked.is_applied = True
    except Refusal as refusal:
        asked.status = refusal.status
        return _refused(world, refusal)
    asked.status = status
    return _fault_after(world, request, asked, _whole(world, status, payload))


def _logged_in(world: World, request: Request) -> str:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        raise Refusal(401, "PERMISSION_DENIED", "Authorization is required.")
    try:
        name, _, password = base64.b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name, password = "", ""
    user = world.store.users.get(name)
    if user is None or user.password != password or user.kind not in ("API", "HYBRID"):
        raise Refusal(403, "PERMISSION_DENIED", "Wrong user or password, or no API user.")
    if user.is_expired:
        raise Refusal(417, "PERMISSION_DENIED", "The password has expired.")
    return name


def _check_rate(world: World, account: str) -> None:
    if world.rates[account].is_exceeded(world.faults.rate_limit_tps):
        raise Refusal(500, "UNEXPECTED_ERROR", LIMIT)


def _method(world: World, request: Request, name: str, version: int) -> Method:
    accepts = request.headers.get("accept", "*/*")
    if not any(kind in accepts for kind in ("json", "xml", "*/*", "application/*")):
        raise Refusal(406, "INVALID_REQUEST", "Not Acceptable")
    found = METHODS.get(name)
    if found is None or version not in world.faults.versions or found.since > version:
        raise Refusal(404, "INVALID_REQUEST", "Not Found")
    by_switch = request.method == "POST" and "GET" in found.verbs
    if request.method not in found.verbs or (by_switch and not _is_on(world, "post_writes")):
        raise Refusal(405, "INVALID_REQUEST", "")
    return found


def _is_on(world: World, name: str) -> bool:
    """A rule of the contract that is off unless it is switched on."""
    return bool(world.faults.options.get(name))


async def _call(world: World, request: Request) -> Call:
    raw = await request.body()
    if raw and not request.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(415, "INVALID_REQUEST", "Unsupported Media Type")
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        message = "The provided JSON object representation is incorrect."
        raise Refusal(400, "INVALID_REQUEST", message) from None
    options = world.faults.options
    return Call(world.store, dict(request.query_params), body, bool(raw), options)


def _whole(world: World, status: int, payload: Any) -> Response:
    if status == 204:
        return Response(status_code=204)
    if world.faults.extra_fields and isinstance(payload, dict):
        payload = payload | {"unifiedIdentifiers": [{"name": "new", "value": 1}]}
    if world.faults.string_booleans:
        payload = _spelled(payload)
    return Response(json.dumps(payload), status, media_type=JSON)


def _spelled(payload: Any) -> Any:
    """G11: numbers and truth as text."""
    if isinstance(payload, dict):
        return {name: _spelled(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [_spelled(value) for value in payload]
    return str(payload).lower() if isinstance(payload, bool | int) else payload


def _refused(world: World, refusal: Refusal) -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="CEP"'} if refusal.status == 401 else {}
    as_html = world.faults.html_errors
    if refusal.status in (401, 403, 417):
        as_html = as_html or world.faults.auth_body == "html"
    if as_html:
        text = f"<h1>{refusal.status}</h1><p>{refusal.message}</p>"
        return HTMLResponse(text, refusal.status, headers)
    if refusal.status == 405:
        return Response(status_code=405)
    return Response(json.dumps(refusal.body), refusal.status, headers, media_type=JSON)


def _fault_before(world: World, request: Request, asked: Asked) -> Response | None:
    """Faults of which the call takes no effect."""
    fault = asked.fault
    if fault == "drop":
        return _cut(world, request)
    if fault == "html":
        return HTMLResponse(LOG_IN_PAGE)
    if fault == "throttle":
        raise Refusal(500, "UNEXPECTED_ERROR", LIMIT)
    if fault == "ok_with_error":
        raise Refusal(200, "UNEXPECTED_ERROR", "Internal error")
    if fault.startswith("redirect "):
        return Response(status_code=302, headers={"Location": fault.partition(" ")[2]})
    if fault.isdigit() and int(fault) >= 400:
        asked.status = int(fault)
        headers = {"Retry-After": world.faults.retry_after} if world.faults.retry_after else {}
        return HTMLResponse("<h1>Error</h1>", int(fault), headers)
    return None


def _fault_after(world: World, request: Request, asked: Asked, whole: Response) -> Response:
    """Faults of calls that took effect."""
    if asked.fault == "commit_then_drop":
        asked.status = None
        return _cut(world, request)
    if asked.fault == "commit_then_reset":
        asked.status = None
        return _Torn(world, request, bytes(whole.body))
    if asked.fault == "commit_then_cut" and whole.body:
        return Response(bytes(whole.body)[: len(whole.body) // 2], 200, media_type=JSON)
    if asked.fault == "commit_then_html":
        return HTMLResponse(LOG_IN_PAGE)
    if asked.fault == "commit_then_500":
        asked.status = 500
        return HTMLResponse("<h1>500</h1>", 500)
    return whole


def _cut(world: World, request: Request) -> Response:
    world.connections[request.scope["client"]].abort()
    return Response(status_code=204)


class _Torn(Response):
    """Half a body, then the connection is gone."""

    def __init__(self, world: World, request: Request, body: bytes) -> None:
        super().__init__(body or b"{}", 200, media_type=JSON)
        self._peer = world.connections[request.scope["client"]]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        self._peer.abort()
