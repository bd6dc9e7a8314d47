"""A network of a test's own: a namespace of the kernel in which any address is this machine's.

`python -m tests.own_network module` runs a module in it, with a name server that the system's
resolver asks. Nothing outside changes, and root is not needed where user namespaces are allowed.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount", "--net")


def is_possible() -> bool:
    """Whether this machine lets us have one."""
    try:
        return subprocess.run([*_UNSHARE, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def run_in_own_network(module: str) -> str:
    """Run a module as a program in a network of its own; what it printed."""
    done = subprocess.run(
        [*_UNSHARE, sys.executable, "-m", module],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def own(*addresses: str) -> None:
    """Within: take these addresses beside loopback, and ask ourselves for names."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in addresses:
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    with tempfile.NamedTemporaryFile("w", delete=False) as configuration:
        configuration.write("nameserver 127.0.0.1\noptions attempts:1 timeout:2\n")
    target = os.path.realpath("/etc/resolv.conf")
    subprocess.run(["mount", "--bind", configuration.name, target], check=True)
    os.unlink(configuration.name)


class NameServer:
    """Answers the n-th question for a name by its n-th addresses, later ones by the last."""

    def __init__(self, zone: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self.asked: Counter[str] = Counter()
        self._zone = zone
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            content, caller = self._socket.recvfrom(4096)
            self._socket.sendto(self._answered(content), caller)

    def _answered(self, content: bytes) -> bytes:
        query = dns.message.from_wire(content)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        (question,) = query.question
        name = question.name.to_text().rstrip(".")
        if question.rdtype == dns.rdatatype.A and name in self._zone:
            turns = self._zone[name]
            found = turns[min(self.asked[name], len(turns) - 1)]
            self.asked[name] += 1
            answer.answer.append(dns.rrset.from_text(question.name, 0, "IN", "A", *found))
        return answer.to_wire()
