"""Host names and addresses: which host was called, and who called."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from matchbook.settings import Networks


def caller(peer: str, forwarded: str, trusted: Networks) -> str:
    """The caller's address: the peer's, or the nearest untrusted one that trusted proxies name."""
    address = peer_address(peer)
    if not trusted or not is_within(address, trusted):
        return address
    for hop in reversed(forwarded.replace("\n", ",").split(",")):
        hop = peer_address(hop.strip()) if hop.strip().count(":") != 1 else hop.partition(":")[0]
        address = hop.strip()
        if not is_within(address, trusted):
            return address
    return address


def peer_address(peer: str) -> str:
    """The address of `1.2.3.4:80`, `[::1]:80` or `::1`."""
    if peer.startswith("["):
        return peer[1:].partition("]")[0]
    return peer.partition(":")[0] if peer.count(":") == 1 else peer


@lru_cache(maxsize=8192)
def ip_prefix(peer: str) -> str | None:
    """The /24 of an IPv4 or /48 of an IPv6 address, as ingest writes it; None if it is neither.

    A port behind it is left out.
    """
    try:
        found = ipaddress.ip_address(peer_address(peer)[:64])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None) or found
    network = f"{mapped}/{24 if mapped.version == 4 else 48}"
    return str(ipaddress.ip_network(network, strict=False))


@lru_cache(maxsize=4096)
def is_within(address: str, networks: Networks) -> bool:
    """Whether a textual address lies in one of the networks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in networks)


@lru_cache(maxsize=1024)
def host_name(authority: str) -> str:
    """The host of a Host header, lower case, without port."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].lower()
