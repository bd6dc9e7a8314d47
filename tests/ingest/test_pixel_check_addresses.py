"""Which addresses are public, and how an address is taken apart."""

from __future__ import annotations

import ipaddress

import pytest

from ingest.pixel_check.addresses import is_public
from ingest.pixel_check.fetch import accepted


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::200e"],
)
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


SPECIAL = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
224.0.0.0/4 240.0.0.0/4 168.63.129.16/32 ::/128 ::1/128 ::/96 ::ffff:0:0/96 64:ff9b::/96
64:ff9b:1::/48 100::/64 2001::/32 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7
fe80::/10 fec0::/10 ff00::/8
"""


@pytest.mark.parametrize("network", SPECIAL.split())
def test_networks_that_are_not_public(network: str) -> None:
    """IANA's special-purpose registries, both ends and the middle of each."""
    whole = ipaddress.ip_network(network)
    ends = (whole[0], whole[whole.num_addresses // 2], whole[-1])
    assert [address for address in ends if is_public(address)] == []


def test_accepted_addresses_keep_their_parts() -> None:
    assert accepted("https://SHOP.example/a?b=c").url == "https://shop.example/a?b=c"
    assert accepted("http://bücher.example").url == "http://xn--bcher-kva.example/"
    assert accepted("http://[2606:4700::1]/").url == "http://[2606:4700::1]/"
