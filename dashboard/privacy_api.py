"""Requests of persons from another system, by token: to be left alone, erased, and how far it is.

What is wrong is told in the three parts of our errors, and never with a value.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard import context
from matchbook import audit, jobs
from matchbook.erasure import api_tokens, people, requests
from matchbook.erasure.certificate import certificate
from matchbook.errors import ConfigError, InputRejected, MatchbookError
from matchbook.identifiers import IDENTIFIER_TYPES
from matchbook.keys import load_keys
from matchbook.settings import Settings

NO_STORE = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
MOST_BYTES = 4096
KINDS = ("opt_out", "erasure")
PATH = "/api/v1/{client}/privacy-requests"
TRACE = "trace_requests"


async def enter(request: Request) -> Response:
    """POST: one person, by `kind` and the columns a CSV of requests has."""
    client_id = request.path_params["client"]
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > MOST_BYTES:
            return _told(413, "The request is longer than 4 KiB.", "Send one person at a time.")
    return await run_in_threadpool(_entered, request, client_id, body)


def follow(request: Request) -> Response:
    """GET: how far a request of this client is, and its certificate."""
    settings, client_id = context.settings(), request.path_params["client"]
    if not _is_admitted(settings, request, client_id):
        return _unknown()
    try:
        found = certificate(settings, request.path_params["number"])
    except ConfigError:
        found = {"client_id": None}
    if found["client_id"] != client_id:
        return _told(404, "There is no request of that number.", "Use the number you were given.")
    return JSONResponse(_shown(found), headers=NO_STORE)


def _entered(request: Request, client_id: str, body: bytes) -> Response:
    settings = context.settings()
    if not _is_admitted(settings, request, client_id):
        return _unknown()
    try:
        kind, named = _read(body)
        hashes = [(one, named[f"{one}_sha256"]) for one in IDENTIFIER_TYPES
                  if named.get(f"{one}_sha256")]  # fmt: skip
        person = people.person(load_keys(settings.keys), record=named.get(people.RECORD, ""),
                               contact=named.get(people.CONTACT, ""), hashes=hashes)  # fmt: skip
        (number,) = requests.ask(settings, kind, client_id, [person], by="by token")
    except MatchbookError as error:
        return _told(422, error.happened, error.todo)
    jobs.enqueue(settings, TRACE, idempotency_key=f"trace {number}", client_id=client_id)
    headers = NO_STORE | {"Location": f"{request.url.path}/{number}"}
    return JSONResponse(_shown(certificate(settings, number)), 201, headers=headers)


def _read(body: bytes) -> tuple[str, dict[str, str]]:
    """Kind, and what names the person. Raises InputRejected."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise _bad("The request is not JSON.") from None
    names = {"kind", *people.COLUMNS}
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise _bad("The request is not one object of texts.")
    if not said.keys() <= names or said.get("kind") not in KINDS:
        raise _bad("The request has other fields, or another kind, than there are.")
    return said.pop("kind"), said


def _is_admitted(settings: Settings, request: Request, client_id: str) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and api_tokens.is_valid(settings, client_id, token.strip()):
        return True
    audit.record(settings, actor="unknown, by token", client_id=None, action="privacy_api_refused",
                 subjects=0)  # fmt: skip
    return False


def _unknown() -> Response:
    told = _told(401, "No client has this token.", "Make one: matchbook privacy token.")
    told.headers["WWW-Authenticate"] = "Bearer"
    return told


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "asked_by"}


def _told(status: int, happened: str, todo: str) -> Response:
    said = {"happened": happened, "kept": "Nobody was opted out or erased.", "todo": todo}
    return JSONResponse(said, status, headers=NO_STORE)


def _bad(happened: str) -> InputRejected:
    todo = f"Send kind ({' or '.join(KINDS)}) and one of {', '.join(people.COLUMNS)}."
    return InputRejected("bad_request", happened, kept="Nobody was opted out or erased.", todo=todo)


ROUTES = [
    Route(PATH, enter, methods=["POST"]),
    Route(PATH + "/{number:int}", follow, methods=["GET"]),
]
