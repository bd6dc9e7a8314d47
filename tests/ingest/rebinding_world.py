"""A public site, a machine within, and names that lead from one to the other."""

from __future__ import annotations

import json
import urllib.request

from ingest.pixel_check.fetch import PageUnavailable, fetch
from tests.own_network import NameServer, own
from tests.web_server import page, redirect, serving

PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.5"
ZONE = {
    "control.example": [[PUBLIC], [PRIVATE]],
    "rebinding.example": [[PUBLIC], [PRIVATE]],
    "private.example": [[PRIVATE]],
    "mixed.example": [[PUBLIC, PRIVATE]],
    "hop.example": [[PUBLIC]],
    "turning.example": [[PUBLIC], ["127.0.0.1"]],
}
"""What a name leads to when it is asked for the first time, the second, …"""
HOPS = ("", "http://private.example/", "http://turning.example/2", "http://127.0.0.1/")


def main() -> None:
    """Check pages in this world; print what came of it, and who was connected to."""
    own(PUBLIC, PRIVATE)
    names = NameServer(ZONE)
    with (
        serving(redirect(*HOPS), (PUBLIC, 8080)),
        serving(page("public"), (PUBLIC, 80)) as public,
        serving(page("secret"), (PRIVATE, 80)) as private,
        serving(page("secret"), ("127.0.0.1", 80)) as local,
    ):
        control = [_read("http://control.example/") for _ in range(2)]
        by_control = private.connections
        told = {
            "first look": _checked("http://rebinding.example/"),
            "asked for the first look": names.asked["rebinding.example"],
            "second look": _checked("http://rebinding.example/"),
            "private": _checked("http://private.example/"),
            "mixed": _checked("http://mixed.example/"),
            "redirect to a private name": _checked("http://hop.example:8080/1"),
            "redirect to a name that turns": _checked("http://turning.example:8080/2"),
            "redirect to this machine": _checked("http://hop.example:8080/3"),
        }
        connections = {
            "public": public.connections - 1,
            "private": private.connections - by_control + local.connections,
        }
    print(json.dumps({"control": control, "told": told, "connections": connections}))


def _read(url: str) -> str:
    """What a program gets that does not look where it goes."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def _checked(url: str) -> str:
    allowed = frozenset({"hop.example:8080", "turning.example:8080"})
    try:
        return fetch(url, allowed=allowed).html
    except PageUnavailable as refused:
        return f"{refused.result}: {refused.reason}"


if __name__ == "__main__":
    main()
