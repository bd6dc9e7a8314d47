"""Routes of the page CRM uploads: parts of a hashed file, and the scripts that hash it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard import context, formats, identity, tickets, uploads
from dashboard.asking import ASKING
from dashboard.components.crm_hasher import script_path
from dashboard.uploads import MAX_PART_BYTES, ShrinkUnconfirmed, TooLarge, Upload
from matchbook.errors import InputRejected, PermissionDenied
from matchbook.settings import Settings

TICKET = "x-matchbook-ticket"
"""A header of our own: no page elsewhere can send it without being asked for leave first."""

MAX_CONFIRMATION_BYTES = 4096

NO_STORE = {"Cache-Control": "no-store"}

WORKER_HEADERS = {
    # The worker sees the readable file: its policy leaves it no way to talk to anybody.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'none'",
    "Cache-Control": "public, max-age=31536000, immutable",
}


async def part(request: Request) -> Response:
    """One part of a file, as its raw body."""
    settings = context.settings()
    upload = _admitted(settings, request)
    if upload is None:
        return _answer(403, "The time for this upload is over. Start it again.")
    if int(request.headers.get("content-length") or 0) > MAX_PART_BYTES:
        return _too_large()
    arriving = uploads.open_part(settings, upload, request.path_params["number"])
    try:
        await _receive(request, arriving)
        await run_in_threadpool(uploads.keep_part, settings, upload, arriving)
    except TooLarge:
        return _too_large()
    except InputRejected as error:
        return _rejected(error)
    finally:
        arriving.unlink(missing_ok=True)
    return JSONResponse({"ticket": uploads.renew(settings, upload)}, headers=NO_STORE)


async def finish(request: Request) -> Response:
    """All parts are there: the whole is checked and goes into the inbox."""
    settings = context.settings()
    upload = _admitted(settings, request)
    if upload is None:
        return _answer(403, "The time for this upload is over. Start it again.")
    parts = request.path_params["parts"]
    try:
        confirmed_for = await _confirmed_for(request)
        received = await run_in_threadpool(uploads.finish, settings, upload, parts, confirmed_for)
    except TooLarge:
        return _too_large()
    except InputRejected as error:
        return _rejected(error)
    except ShrinkUnconfirmed as asked:
        return _unconfirmed(asked, parts, uploads.renew(settings, upload))
    return JSONResponse(asdict(received), headers=NO_STORE)


async def give_up(request: Request) -> Response:
    """The person does not want it after all: what has arrived is removed."""
    settings = context.settings()
    upload = _admitted(settings, request)
    if upload is not None:
        await run_in_threadpool(uploads.forget, settings, upload)
    return JSONResponse({}, headers=NO_STORE)


def script(request: Request) -> Response:
    """One of the built scripts; their names are fixed, so no other file can be asked for."""
    path = script_path(request.path_params["name"])
    if path is None:
        return PlainTextResponse("Not found", 404, headers=NO_STORE)
    return FileResponse(path, media_type="text/javascript", headers=WORKER_HEADERS)


async def _receive(request: Request, target: Path) -> None:
    size = 0
    with target.open("wb") as out:
        async for block in request.stream():
            size += len(block)
            if size > MAX_PART_BYTES:
                raise TooLarge
            out.write(block)


async def _confirmed_for(request: Request) -> str:
    """The name that was typed to confirm; none when nothing was asked yet. Raises TooLarge."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > MAX_CONFIRMATION_BYTES:
            raise TooLarge
    try:
        said = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return ""
    return str(said.get("confirmed_for", "")) if isinstance(said, dict) else ""


def _unconfirmed(asked: ShrinkUnconfirmed, parts: int, ticket: str) -> Response:
    live, dropped = asked.found.live, asked.found.dropped
    return JSONResponse(
        {
            "reason": "shrink",
            "message": f"This file would withdraw {formats.count(dropped)} of the list's "
            f"{formats.count(live)} records.",
            "live": live,
            "dropped": dropped,
            "client": asked.client_name,
            "parts": parts,
            "ticket": ticket,
        },
        409,
        headers=NO_STORE,
    )


def _admitted(settings: Settings, request: Request) -> Upload | None:
    try:
        upload = uploads.admitted(settings, request.headers.get(TICKET, ""))
    except (tickets.TicketRefused, PermissionDenied):
        return None
    return upload if identity.may_see(settings, upload.client_id) else None


def _too_large() -> Response:
    return _answer(413, "The file is too large. Split it, or deliver it through a storage folder.")


def _rejected(error: InputRejected) -> Response:
    return _answer(422, f"{error.happened} {error.kept} {error.todo}", error.reason)


def _answer(status: int, message: str, reason: str = "") -> Response:
    content = json.dumps({"message": message, "reason": reason})
    return Response(content, status, media_type="application/json", headers=NO_STORE)


ROUTES = [
    Route("/crm-uploads/parts/{number:int}", part, methods=["POST"], middleware=ASKING),
    Route("/crm-uploads/finish/{parts:int}", finish, methods=["POST"], middleware=ASKING),
    Route("/crm-uploads/give-up", give_up, methods=["POST"], middleware=ASKING),
    Route("/crm-hasher/{name}", script, methods=["GET"]),
]
