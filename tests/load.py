"""Load on a collector from one process, with a record of every answer.

`hammered` keeps each connection busy (closed loop); `paced` sends at a fixed rate whatever
the answers do (open loop), and counts a wait from when a call was due.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from matchbook.keys import Keys
from tests.collecting import BROWSER
from tests.pixel_lines import APPROVED, PAGE, REGISTRY, click, cookie, sync

LOADED = REGISTRY.model_copy(
    update={
        "clients": (
            REGISTRY.clients[0].model_copy(
                update={
                    "landing_hosts": ("shop.example",),
                    "dmp_matching_read_message_online": APPROVED,
                }
            ),
            *REGISTRY.clients[1:],
        )
    }
)
"""A registry in which syncs, clicks and reads of these calls are tracked."""

VISITORS = 5_000


@dataclass(slots=True)
class Sent:
    """One call; `mark` is the id in it that its line will show, None if it may not be tracked."""

    mark: str | None
    request: bytes
    due: float = 0.0


@dataclass
class Told:
    """What the answers said."""

    acknowledged: list[str] = field(default_factory=list)
    """Marks of calls that were answered as tracked."""
    answers: int = 0
    errors: int = 0
    """Answers of another status, and calls without one."""
    unsure: int = 0
    """Calls that were sent and whose answer never came."""
    waits: list[float] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    """By how much the client itself was behind."""


def tracked_calls(keys: Keys, *, seed: int, first: int = 0) -> Iterator[Sent]:
    """Endless different calls: syncs of known and of new browsers, clicks and reads."""
    random_ = random.Random(seed)
    cookies = [cookie(keys, number) for number in range(VISITORS)]
    for number in itertools.count(first):
        kind = random_.random()
        known = random_.choice(cookies) if kind < 0.7 else None
        if kind < 0.9:
            mark = f"ecdff4d0-9175-40ac-a8bb-{number:012x}"
            yield Sent(mark, request(sync(mark), known))
        else:
            contact = 1_000_000 + number
            url = click(keys, contact, kind="click" if kind < 0.95 else "read")
            yield Sent(str(contact), request(url, known))


def mixed_calls(keys: Keys, *, seed: int, first: int = 0) -> Iterator[Sent]:
    """The same with a fifth of calls that are refused or not tracked."""
    random_ = random.Random(-seed)
    tracked = tracked_calls(keys, seed=seed, first=first)
    for number in itertools.count():
        if random_.random() < 0.8:
            yield next(tracked)
        else:
            yield Sent(None, request(_NEVER_TRACKED[number % len(_NEVER_TRACKED)], None))


_NEVER_TRACKED = (
    sync() + "&site=shop",
    sync(site="nobody"),
    sync(site="blog"),
    sync("undefined"),
    sync("jan@example.org"),
    f"{PAGE}&gdpr=1",
    "/bakery/click?client=acme&contact=1&message=m&u=https%3A%2F%2Fshop.example%2F&sig=x",
    "/bakery/identify?site=shop&email=jan",
)


def request(url: str, known: str | None) -> bytes:
    """The bytes of a browser's call."""
    own = f"cookie: _ga=GA1.2.3; mbid={known}\r\n" if known else ""
    return (
        f"GET {url} HTTP/1.1\r\nhost: localhost\r\nuser-agent: {BROWSER}\r\n"
        f"accept: image/avif,image/webp,*/*\r\nreferer: https://shop.example/shoes\r\n{own}\r\n"
    ).encode()


async def hammered(
    port: int, calls: Iterator[Sent], *, connections: int = 16, until: Callable[[], bool]
) -> Told:
    """Every connection always has a call under way, until told or until the server is gone."""
    told = Told()

    async def busy() -> None:
        try:
            connection = await _connected(port)
            while not until():
                await _ask(connection, next(calls), told)
            connection.transport.close()
        except OSError:
            return

    await asyncio.gather(*(busy() for _ in range(connections)))
    return told


async def paced(
    port: int, calls: Iterator[Sent], *, rate: int, seconds: float, connections: int = 64
) -> Told:
    """`rate` calls a second, each on a connection that is free when it is due."""
    told = Told()
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await _connected(port))
    under_way: set[asyncio.Task[None]] = set()

    async def one(call: Sent) -> None:
        connection = await free.get()
        try:
            await _ask(connection, call, told)
        except OSError:
            told.errors += 1
            connection = await _connected(port)
        told.waits.append(time.perf_counter() - call.due)
        free.put_nowait(connection)

    made = list(itertools.islice(calls, int(rate * seconds)))
    begun = time.perf_counter()
    for number, call in enumerate(made):
        call.due = begun + number / rate
        ahead = call.due - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        told.lateness.append(max(0.0, time.perf_counter() - call.due))
        task = asyncio.create_task(one(call))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    while not free.empty():
        free.get_nowait().transport.close()
    return told


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class _Connection(asyncio.Protocol):
    """Keep-alive HTTP/1.1, one call at a time."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.received = b""
        self.answer: asyncio.Future[bytes] | None = None
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        _, _, length = head.lower().partition(b"content-length: ")
        if len(body) >= int(length.partition(b"\r")[0] or 0):
            self.received = b""
            if self.answer and not self.answer.done():
                self.answer.set_result(head)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionResetError())

    def ask(self, call: bytes) -> asyncio.Future[bytes]:
        """Send a call; the head of its answer."""
        if self.is_lost:
            raise ConnectionResetError
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(call)
        return self.answer


async def _connected(port: int) -> _Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
    return connection


async def _ask(connection: _Connection, call: Sent, told: Told) -> None:
    answer = connection.ask(call.request)
    told.unsure += 1
    head = await answer
    told.unsure -= 1
    told.answers += 1
    status = int(head[9:12])
    if status not in (200, 302, 400, 403):
        told.errors += 1
    if call.mark is not None and status in (200, 302):
        assert b"\r\nrefused:" not in head.lower(), head
        told.acknowledged.append(call.mark)
