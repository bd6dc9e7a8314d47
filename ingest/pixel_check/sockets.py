"""Connections for the pixel checker: to addresses it has looked at, until its time is up.

The HTTP library asks here whenever it wants a connection. What was resolved and checked is
what is connected to, so an answer that changes between two questions changes nothing.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from ingest.pixel_check.addresses import is_public, parsed, resolve

USUAL_PORTS = (80, 443)


class PrivateAddress(Exception):
    """The host has an address that is not the public internet's."""


class UnusualPort(Exception):
    """Web pages for everybody are at 80 and 443; the operator did not name this port."""


class CheckedNetwork(httpcore.NetworkBackend):
    """Opens sockets to public addresses, or to hosts that the operator named."""

    def __init__(self, named: frozenset[str], *, seconds: float) -> None:
        self.named = named
        self.deadline = time.monotonic() + seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers.

        Raises PrivateAddress if any of them is not public, UnusualPort, OSError.
        """
        addresses = resolve(host, port, within=left(self.deadline))
        if not is_named(self.named, host, port):
            if not all(is_public(parsed(address)) for address in addresses):
                raise PrivateAddress
            if port not in USUAL_PORTS:
                raise UnusualPort
        failure: OSError = ConnectionRefusedError()
        for family, address in addresses:
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(left(self.deadline))
                connection.connect(address)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return TimedStream(connection, self.deadline)
        raise failure


class TimedStream(httpcore.NetworkStream):
    """A connection on which nothing lasts longer than the deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self.connection = connection
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; none at the end."""
        self.connection.settimeout(left(self.deadline))
        return self.connection.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of the bytes."""
        self.connection.settimeout(left(self.deadline))
        self.connection.sendall(buffer)

    def close(self) -> None:
        """End the connection."""
        self.connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted; the certificate is held against the host's name."""
        self.connection.settimeout(left(self.deadline))
        secured = ssl_context.wrap_socket(self.connection, server_hostname=server_hostname)
        return TimedStream(secured, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the HTTP library wants to know of a connection."""
        if info == "ssl_object" and isinstance(self.connection, ssl.SSLSocket):
            return self.connection
        return None


def is_named(named: frozenset[str], host: str, port: int) -> bool:
    """Whether the operator named this host and port; without a port it stands for 80 and 443."""
    return f"{host}:{port}" in named or (port in USUAL_PORTS and host in named)


def left(deadline: float) -> float:
    """Seconds until the deadline. Raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
