"""Mappings over HTTPS: each pair once, whatever the partner's server does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from matchbook import deliveries
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import deliver_at, ledger, night, open_channel, secret
from tests.exporters.nights import Pair, publish_pairs
from tests.partner_servers import Endpoint, certificate, endpoint
from tests.sizes import a_few_now

pytestmark = pytest.mark.xdist_group("transports")

FIRST = NOW + timedelta(minutes=30)
FIVE: dict[Pair, int] = {(f"2fd62987-48da-473d-967c-dc5d92b7016{n}", f"r{n}"): 1 for n in range(5)}


@pytest.fixture
def partner() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, partner: Endpoint) -> Settings:
    settings = Settings(home=tmp_path / "home", now=NOW)
    held = secret(settings, "api", "api:token")
    open_channel(settings, "supermetrics", partner.address, credentials=held)
    publish_pairs(settings, 1, FIVE, "supermetrics")
    return settings


def told(partner: Endpoint) -> list[tuple[str, str, str]]:
    """What the partner did: method, cookie id, record id."""
    done = []
    for method, path, body in partner.effects.values():
        cookie = path.partition("partnerId=")[2].partition("&")[0]
        done.append((method, cookie, body[0]["partnerId"]))
    return sorted(done)


ALL = sorted(("POST", cookie, record) for cookie, record in FIVE)


def test_each_pair_is_one_signed_request(settings: Settings, partner: Endpoint) -> None:
    done = deliver_at(settings, FIRST)
    assert done is not None
    assert (told(partner), len(partner.calls)) == (ALL, 5)
    (delivery,) = ledger(settings)
    (file,) = deliveries.files(settings, delivery)
    assert (file.requests_done, file.rows_refused) == (5, 0)


@pytest.mark.parametrize("row", ["DL08"])
def test_accepted_is_not_verified(settings: Settings, partner: Endpoint, row: str) -> None:
    partner.fault = lambda number, body: "forget"
    deliver_at(settings, FIRST)
    (delivery,) = ledger(settings)
    assert (delivery.state, delivery.receipt) == ("sent", "answers")
    assert delivery.is_unverified
    assert delivery.is_taken


def test_a_digest_of_what_arrived_confirms(settings: Settings, partner: Endpoint) -> None:
    partner.tells_digest = True
    deliver_at(settings, FIRST)
    (delivery,) = ledger(settings)
    assert (delivery.state, delivery.receipt) == ("confirmed", "partner")


def test_a_refused_pair_is_recorded_and_the_others_go_on(
    settings: Settings, partner: Endpoint
) -> None:
    partner.fault = lambda number, body: 400 if body[0]["partnerId"] == "r2" else None
    deliver_at(settings, FIRST)
    (file,) = deliveries.files(settings, ledger(settings)[0])
    assert (file.requests_done, file.rows_refused) == (5, 1)
    assert told(partner) == [one for one in ALL if one[2] != "r2"]


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_one_request(
    settings: Settings, partner: Endpoint, status: int
) -> None:
    partner.fault = lambda number, body: status
    for minutes in (30, 45, 60):
        deliver_at(settings, NOW + timedelta(minutes=minutes))
    (delivery,) = ledger(settings)
    assert len(partner.calls) == 1
    assert (delivery.state, delivery.attempts) == ("rejected", 1)
    assert "refuses our credentials" in (delivery.reason or "")
    partner.fault = lambda number, body: None
    deliver_at(settings, NOW + timedelta(minutes=65), retry=True)
    assert told(partner) == ALL


def test_redirects_are_not_followed(settings: Settings, partner: Endpoint) -> None:
    partner.fault = lambda number, body: "redirect"
    deliver_at(settings, FIRST)
    assert [call.path for call in partner.calls if "elsewhere" in call.path] == []
    assert "redirects us elsewhere" in (ledger(settings)[0].reason or "")


@pytest.mark.parametrize("fault", ["drop", "reset", 500, 503])
@pytest.mark.parametrize("at", a_few_now([0, 2, 4], 2))
def test_an_interruption_is_gone_on_from(
    settings: Settings, partner: Endpoint, fault: str | int, at: int
) -> None:
    partner.fault = lambda number, body: fault if number == at else None
    deliver_at(settings, FIRST)
    (delivery,) = ledger(settings)
    assert (delivery.state, delivery.attempts) == ("unknown", 1)
    deliver_at(settings, FIRST + timedelta(hours=1))
    (delivery,) = ledger(settings)
    assert delivery.is_taken
    assert told(partner) == ALL, "lost or doubled"
    assert len(partner.calls) == 6, "what was answered is not sent again"


def test_when_the_server_asks_to_wait(settings: Settings, partner: Endpoint) -> None:
    partner.fault = lambda number, body: {"Retry-After": "3600"} if number == 1 else None
    deliver_at(settings, FIRST)
    (delivery,) = ledger(settings)
    assert delivery.next_attempt_at == (FIRST + timedelta(minutes=15)).replace(tzinfo=None)
    deliver_at(settings, FIRST + timedelta(minutes=14))
    assert len(partner.calls) == 2
    deliver_at(settings, FIRST + timedelta(minutes=15))
    assert told(partner) == ALL


def test_a_short_wait_is_waited_for(settings: Settings, partner: Endpoint) -> None:
    partner.fault = lambda number, body: {"Retry-After": "20"} if number == 1 else None
    deliver_at(settings, FIRST)
    assert told(partner) == ALL
    assert ledger(settings)[0].attempts == 1


def test_removals_are_requests_too(settings: Settings, partner: Endpoint) -> None:
    deliver_at(settings, FIRST)
    partner.calls.clear()
    partner.effects.clear()
    gone = next(iter(FIVE))
    night(settings, 2, {pair: 1 for pair in FIVE if pair != gone}, "supermetrics")
    assert told(partner) == [("DELETE", *gone)]


@pytest.mark.parametrize(
    ("days", "host"), [(2, "127.0.0.1"), (-1, "127.0.0.1"), (2, "127.0.0.9")],
    ids=["self-signed", "expired", "wrong-host"],
)  # fmt: skip
def test_certificates_are_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, host: str
) -> None:
    made = certificate(tmp_path, days=days, host=host)
    settings = Settings(home=tmp_path / "home", now=NOW)
    held = secret(settings, "api", "api:token")
    if (days, host) != (2, "127.0.0.1"):  # else it is good, and known to nobody
        monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    with endpoint(made) as partner:
        address = partner.address.replace("http://", "https://")
        open_channel(settings, "supermetrics", address, credentials=held)
        publish_pairs(settings, 1, FIVE, "supermetrics")
        deliver_at(settings, FIRST)
    assert partner.calls == []
    assert "certificate is not to be trusted" in (ledger(settings)[0].reason or "")


def test_with_a_good_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    settings = Settings(home=tmp_path / "home", now=NOW)
    held = secret(settings, "api", "api:token")
    with endpoint(made) as partner:
        address = partner.address.replace("http://", "https://")
        open_channel(settings, "supermetrics", address, credentials=held)
        publish_pairs(settings, 1, FIVE, "supermetrics")
        deliver_at(settings, FIRST)
    assert told(partner) == ALL


def test_mediarithmics_has_an_import_and_an_execution(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", now=NOW)
    held = secret(settings, "api", "token-of-the-datamart")
    with endpoint() as partner:
        partner.authorization = "token-of-the-datamart"
        open_channel(settings, "mediarithmics", partner.address, credentials=held)
        night(settings, 1, {("vec:289388396", "r1"): 1, ("vec:5", "r2"): 1}, "mediarithmics")
        opened, executed = partner.calls
    assert (opened.path, opened.body["document_type"]) == (
        "/v1/datamarts/1162/document_imports",
        "USER_IDENTIFIERS_ASSOCIATION_DECLARATIONS",
    )
    assert executed.path == "/v1/datamarts/1162/document_imports/77/executions"
    assert executed.body.count("\n") == 2
    assert "USER_EMAIL" not in executed.body
    assert ledger(settings)[0].is_taken
