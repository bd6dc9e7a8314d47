"""The real nginx with the configurations in `examples/`: only ports, paths and limits replaced.

with nginx_before(collector.port, folder) as front:
    front.get("/bakery/sync/dmpsyncendpoint?…")
    lines = front.close()          # a graceful stop; the lines of the hit log
"""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.collecting import BROWSER, free_port, wait_until_it_answers

EXAMPLES = Path(__file__).parent.parent / "examples"
HOST = "px.shop.example"
"""The example's server name; give it to the collector as MATCHBOOK_COLLECTOR_HOSTS."""

_MAIN = """
daemon off;
user {user};
worker_processes auto;
pcre_jit on;
pid {folder}/nginx.pid;
error_log {folder}/log/error.log info;
events {{ worker_connections 1024; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {more}
  include {folder}/collector.conf;
}}
"""


class Nginx:
    """A running nginx."""

    def __init__(self, folder: Path, port: int, *, tls: bool) -> None:
        self.folder, self.port = folder, port
        self.log = folder / "log" / "nginx-hits.log"
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [nginx_program(), "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL
        )
        headers = {"user-agent": BROWSER, "host": HOST}
        self.client = httpx.Client(base_url=self.url, headers=headers, verify=False, timeout=10)

    def get(self, url: str, *, method: str = "GET", **options: Any) -> httpx.Response:
        """One call, without the cookies of earlier ones."""
        self.client.cookies.clear()
        return self.client.request(method, url, **options)

    def close(self) -> list[dict[str, Any]]:
        """Stop it when it has answered all, and return the lines of the hit log."""
        self.stop()
        return self.lines()

    def stop(self) -> None:
        """SIGQUIT, and its end."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=15)

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the hit log that are written so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def processor_seconds(self) -> float:
        """What the workers have used of the processors so far."""
        used = (Path(f"/proc/{pid}/schedstat").read_text().split()[0] for pid in self.workers())
        return sum(map(int, used)) / 1e9

    def hand_over(self, inbox: Path) -> None:
        """Run the example that moves the hit log into the inbox."""
        subprocess.run(
            ["sh", EXAMPLES / "nginx-hand-over"],
            env={
                "PATH": os.environ["PATH"],
                "LOG": str(self.log),
                "INBOX": str(inbox),
                "NGINX_PID": str(self.folder / "nginx.pid"),
                "SECONDS_TO_REOPEN": "0.5",
            },
            check=True,
        )

    def hand_over_stopped(self, inbox: Path) -> None:
        """What the next run of that example would do with the rest."""
        self.log.rename(inbox / "99991231T235959Z-rest-nginx.jsonl")


@contextmanager
def nginx_before(
    collector_port: int, folder: Path, *, tls: bool = False, more: str = ""
) -> Iterator[Nginx]:
    """nginx with the example before a collector; `more` goes into its http block."""
    port = free_port()
    places = {
        r"listen 443 ssl http2": f"listen 127.0.0.1:{port}{' ssl http2' if tls else ''}",
        r"127\.0\.0\.1:8080": f"127.0.0.1:{collector_port}",
    }
    text = _example("nginx-collector.conf", folder, places)
    with _running(folder, text, port, tls=tls, more=more) as nginx:
        yield nginx


@contextmanager
def nginx_before_dashboard(dashboard_port: int, folder: Path) -> Iterator[Nginx]:
    """nginx with TLS before a dashboard, by address; plain calls come to `folder / "plain"`."""
    port, plain = free_port(), free_port()
    places = {
        r"listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"127\.0\.0\.1:8501": f"127.0.0.1:{dashboard_port}",
        r"matchbook\.example\.com": "127.0.0.1",
    }
    text = _example("deploy/nginx-dashboard.conf", folder, places)
    with _running(folder, text, port, tls=True) as nginx:
        (folder / "plain").write_text(f"http://127.0.0.1:{plain}")
        yield nginx


@contextmanager
def _running(folder: Path, text: str, port: int, *, tls: bool, more: str = "") -> Iterator[Nginx]:
    (folder / "log").mkdir(parents=True)
    _write_certificate(folder)
    (folder / "collector.conf").write_text(text)
    main = _MAIN.format(user=getpass.getuser(), folder=folder, more=more)
    (folder / "nginx.conf").write_text(main)
    nginx = Nginx(folder, port, tls=tls)
    try:
        wait_until_it_answers(nginx.process, port)
        yield nginx
    finally:
        nginx.stop()


def nginx_program() -> str:
    """Debian's is in a folder that not every PATH has."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or "nginx"


def _example(name: str, folder: Path, places: dict[str, str]) -> str:
    text = (EXAMPLES / name).read_text()
    everywhere = {
        r"/etc/ssl/matchbook/\w+\.": f"{folder}/collector.",
        r"/var/log/matchbook": str(folder / "log"),
    }
    for pattern, place in (places | everywhere).items():
        text, count = re.subn(pattern, place, text)
        assert count, pattern
    return text


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "collector.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "collector.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def until(condition: Any, seconds: float = 10) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.02)
