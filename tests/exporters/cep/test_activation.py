"""Activating: every failure has words of its own, none has the password in it (group 1)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporters.cep import client as client_module
from exporters.cep.activation import check
from matchbook.errors import ConfigError
from matchbook.pushes import accounts
from matchbook.settings import Settings
from tests.cep_server import StandIn, running
from tests.cep_server.store import FIRST_GROUP
from tests.exporters.cep.pushing import activate, later, make_client
from tests.matchbook.kept_audiences.nights import FIRST, SHOP
from tests.partner_servers import certificate
from tests.web_server import page, serving


@pytest.fixture
def cep() -> Iterator[StandIn]:
    with running() as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    return make_client(Settings(home=tmp_path / "home", now=FIRST))


def ways_to_fail(cep: StandIn) -> dict[str, dict[str, str]]:
    """What is entered, by what it is an example of."""
    return {
        "wrong password": {"password": "nope"},
        "no API user": {"user_name": "person@shop.example"},
        "expired": {"user_name": "expired@shop.example"},
        "wrong version": {"api_url": f"{cep.root}/shop/api/rest/v99"},
        "unknown group": {"group_id": "42"},
        "archived group": {"group_id": str(FIRST_GROUP + 1)},
        "no permission": {"group_id": str(FIRST_GROUP + 2)},
        "nobody there": {"api_url": "http://127.0.0.1:9/api/rest/v6"},
        "no TLS": {"api_url": f"https://127.0.0.1:{cep.port}/shop/api/rest/v6"},
    }


WORDS = {
    "wrong password": "CEP refuses the user name or the password.",
    "no API user": "CEP refuses the user name or the password.",
    "expired": "The password of the CEP user has expired.",
    "wrong version": "There is no CEP API of this version at the API URL.",
    "unknown group": "The default group is not there in CEP, or it is archived.",
    "archived group": None,  # it can be read; the first clone says so
    "no permission": "The CEP user has no permission for this group.",
    "nobody there": "CEP cannot be reached.",
    "no TLS": "The server does not encrypt (TLS); no password was sent.",
}


@pytest.mark.parametrize("way", WORDS)
@pytest.mark.parametrize("body", ["json", "html"])
def test_each_failure_has_its_own_words(shop: Settings, cep: StandIn, way: str, body: str) -> None:
    cep.control(auth_body=body)
    entered = ways_to_fail(cep)[way]
    problem = activate(shop, cep, **entered)
    words = WORDS[way]
    assert (problem is None) if words is None else (problem or "").startswith(words)
    for place in (problem or "", (shop.home / "state.sqlite").read_bytes().decode("latin-1")):
        assert entered.get("password", cep.password) not in place
    assert (accounts.find(shop, SHOP) is not None) == (words is None)


def test_an_address_where_people_log_in_is_no_api(shop: Settings, cep: StandIn) -> None:
    with serving(page("<h1>Log in</h1>")) as web:
        problem = activate(shop, cep, api_url=web.url("/api/rest/v6"))
    assert (problem or "").startswith("What answers at the API URL is not the CEP API")


def test_a_log_in_that_got_lost_on_the_way(shop: Settings, cep: StandIn) -> None:
    cep.control(script=["401"])
    assert (activate(shop, cep) or "").startswith("CEP says that no log-in was sent to it.")


def test_all_well(shop: Settings, cep: StandIn) -> None:
    assert activate(shop, cep, api_url=f"{cep.url}/") is None
    found = accounts.active(shop, SHOP)
    assert (found.group_name, found.api_version) == ("Default group", "6")
    assert found.group_email == "group0@mail.example.com"
    assert [asked.method for asked in cep.asked()] == ["system/getApiVersion", "group/get"]


@pytest.mark.parametrize("path", ["/api/rest/v6", "/api/rest", "/qatest/api/rest/rest/v10"])
def test_addresses_are_taken_as_they_are(cep: StandIn, path: str) -> None:
    assert accounts.checked_url(f"https://cep.example{path}/") == f"https://cep.example{path}"


@pytest.mark.parametrize(
    "url",
    ["", "cep.example/api/rest/v6", "https://u:p@cep.example/api/rest/v6", "ftp://x/api/rest",
     "https://cep.example/api/rest/v6?x=1", "http://10.0.0.8/api/rest/v6", "https://[::1/api/rest",
     "https://cep.example:99999/api/rest/v6", "https://exämple.com/api/rest/v6"],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ConfigError):
        accounts.checked_url(url)


def test_a_new_password_leaves_the_old_until_it_works(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    assert activate(shop, cep, password="wrong") is not None
    assert check(shop, accounts.active(shop, SHOP)) is None
    assert accounts.find(shop, SHOP, "asked") is not None
    cep.store.users[cep.user].password = "rotated"
    assert activate(later(shop, hours=1), cep, password="rotated") is None
    assert len(list((shop.keys / "cep").iterdir())) == 1
    accounts.deactivate(shop, SHOP, by="test")
    assert list((shop.keys / "cep").iterdir()) == []


def test_a_password_in_a_variable(
    shop: Settings, cep: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHBOOK_CEP_SHOP", cep.password)
    assert activate(shop, cep, password="env:MATCHBOOK_CEP_SHOP") is None
    with pytest.raises(ConfigError):
        activate(shop, cep, password="env:HOME")
    monkeypatch.delenv("MATCHBOOK_CEP_SHOP")
    assert "env:MATCHBOOK_CEP_SHOP holds nothing." in (
        check(shop, accounts.active(shop, SHOP)) or ""
    )


@pytest.mark.parametrize(
    "fault", ["self-signed", "expired", "other host"], ids=lambda f: f"AC13 {f}"
)
def test_a_certificate_not_to_be_trusted(
    shop: Settings, cep: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    days, host = (-1, "127.0.0.1") if fault == "expired" else (2, "127.0.0.1")
    made = certificate(tmp_path, days=days, host="127.0.0.9" if fault == "other host" else host)
    if fault != "self-signed":
        trusted = ssl.create_default_context(cafile=str(made.path))
        monkeypatch.setattr(client_module, "_trusted", lambda: trusted)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.path)
    with running(tls=server) as secure:
        url = f"https://127.0.0.1:{secure.port}/shop/api/rest/v6"
        problem = activate(shop, cep, api_url=url)
        assert secure.asked() == []
    assert (problem or "").startswith("The server's certificate is not to be trusted")
