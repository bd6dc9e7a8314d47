"""Running the stand-in: in a thread of a test, or for good."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.cep_server.app import World, application
from tests.cep_server.faults import Asked, Faults
from tests.cep_server.store import API_USER, FIRST_GROUP, PASSWORD, Store, example_store


@dataclass
class StandIn:
    """A running stand-in, with its insides for assertions."""

    port: int
    world: World

    customer: str = "shop"
    user: str = API_USER
    password: str = PASSWORD
    default_group: int = FIRST_GROUP

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """As an operator enters it."""
        return f"{self.root}/{self.customer}/api/rest/v6"

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def faults(self) -> Faults:
        return self.world.faults

    def asked(self, method: str = "") -> list[Asked]:
        """The journal, of one method or whole."""
        return [one for one in self.world.journal if method in ("", one.method)]

    def control(self, **switches: Any) -> None:
        """Set switches as another process does."""
        body = json.dumps(switches).encode()
        request = urllib.request.Request(f"{self.root}/__control", body, method="PUT")
        urllib.request.urlopen(request).close()


@contextmanager
def running(
    store: Store | None = None,
    *,
    port: int = 0,
    tps: int = 10_000,
    contacts: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[StandIn]:
    """Serve in a thread; a test that is not about the limit has next to none."""
    world = World(store or example_store(contacts))
    world.faults.rate_limit_tps = tps
    listener = bound(port)
    config = configured(world)
    config.load()
    config.ssl = tls
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_serve, args=(server, listener), daemon=True)
    thread.start()
    try:
        yield StandIn(listener.getsockname()[1], world)
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)
        listener.close()


def bound(port: int) -> socket.socket:
    """A socket that accepts from here on."""
    # Named as TCP, or asyncio leaves small answers waiting for the other side.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:  # somebody else's: any other will do
        listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def configured(world: World) -> uvicorn.Config:
    class Known(H11Protocol):
        """Remembers its connections, so that a fault can cut one."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            world.connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            world.connections.pop(self.client, None)
            super().connection_lost(exc)

    return uvicorn.Config(
        application(world), http=Known, log_level="critical", lifespan="off", access_log=False
    )


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    asyncio.run(server.serve(sockets=[listener]))
