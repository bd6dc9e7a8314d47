"""The shell around the pages: who may reach it, from where, and what it never shows."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from streamlit import config

from dashboard import context, server
from dashboard.cookies import cookie_secret
from matchbook.errors import ConfigError
from matchbook.settings import Settings
from matchbook.sign_in import SignIn
from tests.dashboard import world
from tests.dashboard.pages import DATA_PAGES, open_page, words
from tests.signing_in import SIGN_IN
from tests.test_architecture import ROOT

HANDSHAKE = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The whole application, where nobody signs in."""
    settings = Settings(home=Path(tmp_path_factory.mktemp("shell")) / "home", now=world.NOW)
    listening = server._listen("127.0.0.1", 8650)
    config_of = uvicorn.Config(server.create_app(settings), log_level="critical")
    running = uvicorn.Server(config_of)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    yield "127.0.0.1", int(listening.getsockname()[1])
    running.should_exit = True
    thread.join(10)


def shake(site: tuple[str, int], host: str, origin: str) -> int:
    with socket.create_connection(site, timeout=10) as connection:
        connection.sendall(HANDSHAKE.format(host=host, origin=origin).encode())
        return int(connection.recv(100).split()[1])


def test_ui13_no_other_page_may_open_a_socket(site: tuple[str, int]) -> None:
    """UI13."""
    own = f"127.0.0.1:{site[1]}"
    assert shake(site, own, f"http://{own}") == 101
    assert shake(site, own, "http://evil.example") == 403
    # A name of theirs that leads here: the origin would match.
    assert shake(site, "evil.example", "http://evil.example") in (400, 403)
    assert config.get_option("server.enableCORS")
    assert config.get_option("server.enableXsrfProtection")


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:1", 200), ("[::1]", 200), ("evil.example", 400), ("matchbook.example:443", 400)],
)
def test_where_nobody_signs_in_only_this_computer_is_answered(
    site: tuple[str, int], host: str, status: int
) -> None:
    url = f"http://{site[0]}:{site[1]}/healthz"
    assert httpx.get(url, headers={"Host": host}).status_code == status


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "matchbook.example"])
def test_where_nobody_signs_in_no_other_address_is_listened_on(
    settings: Settings, host: str
) -> None:
    with pytest.raises(ConfigError, match="serves this computer alone"):
        server.serve(settings, host=host)


def test_with_sign_in_it_may(settings: Settings) -> None:
    server._check_reach(replace(settings, sign_in=SIGN_IN), "0.0.0.0")


def test_streamlit_is_told_the_secret_by_its_reference(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = replace(settings, sign_in=SIGN_IN)
    with pytest.raises(ConfigError, match="env:SECRET holds nothing"):
        server._secrets(served)
    monkeypatch.setenv("SECRET", "s3")
    told = server._secrets(served)["auth"]
    assert (told["client_secret"], told["redirect_uri"]) == ("s3", SIGN_IN.return_to)
    assert told["cookie_secret"] == cookie_secret(served)
    other = replace(served, home=settings.home / "other")
    assert cookie_secret(other) != cookie_secret(served)


@pytest.mark.parametrize(
    ("url", "cookie"),
    [("https://m.example", b"a=b; Secure"), ("http://localhost:1", b"a=b")],
    ids=["TLS", "this computer"],
)
def test_cookies_are_for_tls_alone(settings: Settings, url: str, cookie: bytes) -> None:
    sign_in = SignIn("https://login.example/x", "mb", "env:S", url)
    context.serve_from(replace(settings, sign_in=sign_in))
    message = {"headers": [(b"set-cookie", b"a=b"), (b"x", b"y")]}
    server._secure_cookies(message)
    assert message["headers"] == [(b"set-cookie", cookie), (b"x", b"y")]


def test_ui03_no_file_goes_by_streamlits_own_ways() -> None:
    """UI03: what it serves from /media anybody may fetch who has the address."""
    ways = ("download_button", "file_uploader", "st.image(", "st.audio(", "st.video(",
            "st.dataframe(", "st.data_editor(")  # fmt: skip
    for path in (ROOT / "dashboard").rglob("*.py"):
        assert [way for way in ways if way in path.read_text()] == [], path.name


@pytest.mark.parametrize("state", ["missing", "corrupt"])
@pytest.mark.parametrize("page", DATA_PAGES[:2])
def test_ui19_pages_do_without_the_warehouse(published: Settings, page: str, state: str) -> None:
    """UI19: they read the last good snapshot, and say of when it is."""
    if state == "corrupt":
        published.warehouse.write_bytes(b"no database " * 1000)
    said = words(open_page(page))
    assert "Data as of 21 Nov, 04:06" in said
    assert "Traceback" not in said
