"""Which addresses are the public internet's, and what a host name resolves to."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SocketAddress = tuple[socket.AddressFamily, tuple[str, int]]

PUBLIC_V6 = ipaddress.ip_network("2000::/3")
"""All IPv6 that is routed. Mapped IPv4, NAT64, link-local, unique-local, … lie outside."""

NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # the host below an Azure machine
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)
"""Beside what `ipaddress` knows: addresses that lead back inside, or nowhere."""


def is_public(address: Address) -> bool:
    """Whether a server at this address is reachable by everybody."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 6 and address not in PUBLIC_V6:
        return False
    return not any(
        address in network for network in NOT_PUBLIC if network.version == address.version
    )


def resolve(host: str, port: int, *, within: float) -> list[SocketAddress]:
    """All addresses of a host, asked for once. Raises OSError, TimeoutError after `within`."""
    answers: queue.Queue[list[SocketAddress] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, (str(to[0]), port)) for family, _, _, _, to in found])
        except OSError as error:
            answers.put(error)

    # The system's resolver cannot be interrupted; a daemon thread is left to it.
    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=max(within, 0))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return list(dict.fromkeys(answer))


def parsed(address: SocketAddress) -> Address:
    """A resolver's answer as an address; a zone (`fe80::1%eth0`) says nothing about it."""
    return ipaddress.ip_address(address[1][0].split("%")[0])
