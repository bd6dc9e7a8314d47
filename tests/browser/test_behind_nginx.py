"""The dashboard behind the example nginx: headers, what it keeps out, and a page that works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser.serving import visit
from tests.nginx import Nginx, nginx_before_dashboard

pytestmark = [
    pytest.mark.needs("nginx"), pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser"),
]  # fmt: skip

COOKIE = {"cookie": "a=b; _streamlit_user=x"}


@pytest.fixture(scope="module")
def front(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    port = urlsplit(address).port
    assert port is not None
    folder = tmp_path_factory.mktemp("nginx") / "front"
    with nginx_before_dashboard(port, folder) as running:
        running.client.headers["host"] = f"127.0.0.1:{running.port}"
        yield running


@pytest.mark.proof
def test_a_page_works_through_it(front: Nginx, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    told: list[str] = []
    sockets: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    visit(page, f"{front.url}/match-rates")
    assert page.get_by_role("heading", name="Every partner on one scale").is_visible()
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert {url.split("?")[0] for url in sockets} == {
        f"wss://127.0.0.1:{front.port}/_stcore/stream"
    }
    # The logo is a file of Streamlit's, which nobody gets who is not signed in.
    refused = [text for text in told if "403" not in text]
    assert [text for text in refused if "Content Security" in text or "rror" in text] == []
    context.close()


@pytest.mark.parametrize("path", ["/", "/healthz", "/_stcore/health", "/media/x.png", "/nothing"])
def test_every_answer_has_the_headers_once(front: Nginx, path: str) -> None:
    answer = front.get(path)
    for name, value in (
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
    ):
        assert answer.headers.get_list(name) == [value]
    (policy,) = answer.headers.get_list("content-security-policy")
    assert "default-src" in policy
    assert answer.headers["server"] == "nginx"


def test_downloads_keep_their_stricter_policy(front: Nginx) -> None:
    (policy,) = front.get("/download/x").headers.get_list("content-security-policy")
    assert policy == "default-src 'none'; sandbox"


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/media/0123.csv"), ("PUT", "/_stcore/upload_file/a/b"),
    ("GET", "/_stcore/upload_file/a/b"),
])  # fmt: skip
def test_UI15_what_nobody_gets_stops_at_it(front: Nginx, method: str, path: str) -> None:
    assert front.get(path, method=method).status_code == 403


def test_UI03_media_is_the_dashboards_to_judge_for_who_has_a_cookie(front: Nginx) -> None:
    assert front.get("/media/0123.csv", headers=COOKIE).status_code == 404


def test_plain_calls_are_sent_to_tls(front: Nginx) -> None:
    plain = (front.folder / "plain").read_text()
    answer = httpx.get(f"{plain}/match-rates?a=1", headers={"host": "127.0.0.1"})
    assert (answer.status_code, answer.headers["location"]) == (
        301, "https://127.0.0.1/match-rates?a=1",
    )  # fmt: skip


def test_another_host_is_not_served(front: Nginx) -> None:
    assert front.get("/", headers={"host": "evil.example"}).status_code == 421


def test_UI13_a_page_elsewhere_gets_no_connection(front: Nginx) -> None:
    headers = {
        "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
        "sec-websocket-key": "x3JJHMbDL1EzLkh9GBhXDw==", "origin": "https://evil.example",
    }  # fmt: skip
    assert front.get("/_stcore/stream", headers=headers).status_code == 403


def test_large_bodies_go_nowhere_but_to_uploads(front: Nginx) -> None:
    body = b"x" * (1 << 20)
    assert front.get("/api/anything", method="POST", content=body).status_code == 413
    assert front.get("/crm-uploads/parts/1", method="POST", content=body).status_code == 403


def test_the_log_has_no_query_and_no_address(front: Nginx) -> None:
    front.get("/download/ticket-4711?name=anna")
    lines = (front.folder / "log" / "dashboard.log").read_text().splitlines()
    assert all(json.loads(line)["status"] for line in lines)
    assert not [line for line in lines if "4711" in line or "anna" in line or "127.0.0.1" in line]
