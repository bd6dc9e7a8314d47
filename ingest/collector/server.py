"""Serves the collector: one process on granian's RSGI interface."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import signal
import socket
from collections.abc import Callable

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from ingest.collector.app import App
from ingest.collector.collector import close_collector, open_collector
from matchbook.errors import ConfigError
from matchbook.settings import Settings

HEADER_TIMEOUT_MS = 10_000
"""bad_inputs UP14."""
MAX_HEAD_BYTES = 66 * 1024
"""Just above the 64 KiB of a URL that is answered 414 (UP04); longer heads get 431 (UP05)."""
BACKLOG = 1024
STOP_SECONDS = 4.0
"""Below the ten seconds that container runtimes commonly grant."""
MAX_CONNECTIONS = 16_384
"""Idle and slow ones included: a few thousand slow callers keep nobody out (P7)."""


def serve(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; what is in flight is answered and the segment closed.

    Raises ConfigError when the address cannot be bound.
    """
    host, port = settings.collector_bind
    _check_address(host, port)
    _allow_connections()
    collector = open_collector(settings)
    _spare_the_garbage_collector()
    try:
        uvloop.run(_run(App(collector), host, port, on_ready))
    finally:
        close_collector(collector)


async def _run(app: App, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=MAX_CONNECTIONS,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_TIMEOUT_MS, max_buffer_size=MAX_HEAD_BYTES
        ),
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    loop.call_later(0.05, on_ready, f"http://{f'[{host}]' if ':' in host else host}:{port}")
    logging.getLogger("_granian").setLevel(logging.ERROR)
    serving = loop.create_task(server.serve())
    stopping = loop.create_task(stopped.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]
    # What has arrived whole is answered at once; a call that is still coming is not waited for.
    await asyncio.wait({serving}, timeout=STOP_SECONDS)
    if serving.done():
        serving.result()


def _spare_the_garbage_collector() -> None:
    """What has been loaded stays for good: looking through it again would only make calls wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def _check_address(host: str, port: int) -> None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Several collectors may share an address; the kernel spreads the calls.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            probe.bind((host, port))
    except OSError as error:
        raise ConfigError(
            f"The collector cannot listen on {host}:{port}.",
            todo="Set MATCHBOOK_COLLECTOR_BIND to an address and port that are free.",
        ) from error


def _allow_connections() -> None:
    """Each connection is an open file; shells commonly allow 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
