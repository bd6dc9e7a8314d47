"""What is no CRM file, or too much of one, sent straight to the server."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from dashboard import uploads
from dashboard.routes import ROUTES
from dashboard.uploads import MAX_PART_BYTES
from matchbook.settings import Settings
from tests.asynchronous import run
from tests.dashboard import world
from tests.dashboard.test_uploads import inbox, left_behind, post

PART = "/crm-uploads/parts/0"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" * 400
PAGE = b"<!doctype html><html><body><script>alert(1)</script></body></html>\n"


@pytest.fixture(autouse=True)
def _registered(home: Settings) -> None:
    world.make_registry(home)


def ticket(home: Settings) -> str:
    return uploads.permit(home, "homestead", "newsletter", "opt-in")


@pytest.mark.parametrize("content", [PROGRAM, PAGE], ids=["UI15 exe", "UI15 html"])
def test_what_is_no_text_is_refused_and_gone(home: Settings, content: bytes) -> None:
    answer = post(PART, content, ticket(home))
    assert (answer.status_code, answer.json()["reason"]) == (422, "not_text")
    assert left_behind(home) == inbox(home) == []


@pytest.mark.parametrize("declared", [5 << 30, MAX_PART_BYTES + 1, None],
                         ids=["FC11 5 GB", "FC11 one byte over", "FC11 size not said"])  # fmt: skip
def test_too_much_is_refused_while_others_are_answered(
    home: Settings, declared: int | None
) -> None:
    seconds: list[float] = []

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:

            async def body() -> AsyncIterator[bytes]:
                for size in (MAX_PART_BYTES // 2, MAX_PART_BYTES // 2, 1):
                    yield b"x" * size
                    began = time.perf_counter()
                    assert (await client.get("/healthz")).status_code == 200
                    seconds.append(time.perf_counter() - began)

            headers = {"X-Matchbook-Ticket": ticket(home)}
            if declared is not None:
                headers["Content-Length"] = str(declared)
            return await client.post(PART, content=body(), headers=headers)

    assert run(send()).status_code == 413
    assert max(seconds, default=0) < 1
    assert bool(seconds) == (declared is None), "refused before it is read, if that can be"
    assert left_behind(home) == inbox(home) == []
