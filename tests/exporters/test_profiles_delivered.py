"""Each partner's profile over the channel it uses, on real servers, read back by other readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet as pq
import pytest

from matchbook import partner_channels
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import deliver_at, ledger, open_channel, secret, stored, there
from tests.exporters.nights import Pair, publish_pairs
from tests.partner_servers import Endpoint, certificate, endpoint, ftps_server
from tests.storage_servers import S3Server, s3_server, sftp_server

pytestmark = [pytest.mark.needs("sshd"), pytest.mark.xdist_group("transports")]

RECORDS = ("=1+1", "a;b", 'q"uote', "a|b", "ä€😀", "00042")
"""Not altered on the way, however a careless reader may take them."""


def columns(cookie: str, record: str, delimiter: str) -> Callable[[bytes], set[Pair]]:
    def read(content: bytes) -> set[Pair]:
        text = io.StringIO(content.decode("utf-8"), newline="")
        return {(row[cookie], row[record]) for row in csv.DictReader(text, delimiter=delimiter)}

    return read


def parquet(content: bytes) -> set[Pair]:
    rows = pq.read_table(io.BytesIO(content)).to_pylist()
    return {(row["network_userid"], row["user_id"]) for row in rows}


def unzipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


READERS: dict[str, Callable[[bytes], set[Pair]]] = {
    "tealium": lambda c: columns("tealium_visitor_id", "crm_id", ",")(gzip.decompress(c)),
    "selligent": lambda c: _by_place(unzipped(c)),
    "spotler": columns("da_sqzl_cookie", "userid", ";"),
    "weborama": columns("webo_id", "crm_id", "|"),
    "snowplow": parquet,
    "piano": columns("cx_id", "external_id", ","),
    "permutive": lambda c: _by_place(c),
}


def _by_place(content: bytes) -> set[Pair]:
    """By the partner's own column names, whichever they are: the record ids are known."""
    text = content.decode("utf-8")
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    next(rows)
    found = set()
    for row in rows:
        (record,) = [cell for cell in row if cell in RECORDS]
        (cookie,) = [cell for cell in row if cell.startswith("cookie-")]
        found.add((cookie, record))
    return found


PAIRS = {(f"cookie-{number}", record): 1 for number, record in enumerate(RECORDS)}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def s3(servers: ExitStack) -> S3Server:
    return servers.enter_context(s3_server())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", now=NOW)


def delivered(settings: Settings, partner_id: str) -> dict[str, bytes]:
    """What is stored, after a delivery that the ledger says is confirmed."""
    publish_pairs(settings, 1, PAIRS, partner_id)
    deliver_at(settings, NOW + timedelta(minutes=30))
    (delivery,) = ledger(settings)
    assert delivery.state == "confirmed", delivery.reason
    return stored(settings, delivery)


def data(files: dict[str, bytes]) -> bytes:
    (content,) = [one for name, one in files.items() if "_manifest_" not in name]
    return content


@pytest.mark.parametrize("partner_id", ["tealium", "selligent"])
def test_over_sftp(settings: Settings, servers: ExitStack, tmp_path: Path, partner_id: str) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    with sftp_server(tmp_path / "sshd") as server:
        key = secret(settings, "key", server.key)
        open_channel(settings, partner_id, server.url(drop), credentials=key,
                     host_key=server.host_key)  # fmt: skip
        promised = delivered(settings, partner_id)
    assert there(drop) == promised
    assert READERS[partner_id](data(there(drop))) == set(PAIRS)


def test_over_ftps(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.path))
    with ftps_server(tmp_path / "drop", trusted) as server:
        held = secret(settings, "pw", server.password)
        open_channel(settings, "spotler", server.address, credentials=held, active=False)
        partner_channels.confirm(settings, "casa", "spotler", by="J. Jansen")
        partner_channels.activate(settings, "casa", "spotler", by="test")
        promised = delivered(settings, "spotler")
    assert there(tmp_path / "drop") == promised
    assert READERS["spotler"](data(promised)) == set(PAIRS)


@pytest.mark.parametrize("partner_id", ["weborama", "snowplow", "piano", "permutive"])
def test_over_s3(settings: Settings, s3: S3Server, partner_id: str) -> None:
    client = s3.client()
    client.create_bucket(Bucket=partner_id)
    held = secret(settings, "s3", f"{s3.identity}:{s3.key}")
    open_channel(settings, partner_id, f"s3://{partner_id}", credentials=held,
                 endpoint=s3.endpoint)  # fmt: skip
    promised = delivered(settings, partner_id)
    found = {name: client.get_object(Bucket=partner_id, Key=name)["Body"].read()
             for name in s3.names(partner_id)}  # fmt: skip
    assert found == promised
    assert READERS[partner_id](data(found)) == set(PAIRS)
    has_manifest = any("_manifest_" in name for name in found)
    assert has_manifest == partner_channels.partner(partner_id).delivery.has_manifest


@pytest.mark.parametrize("partner_id", ["supermetrics", "mediarithmics"])
def test_over_https(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partner_id: str
) -> None:
    made = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    with endpoint(made) as partner:
        partner.tells_digest = True
        held = "api:token" if partner_id == "supermetrics" else partner.authorization
        open_channel(settings, partner_id, partner.address.replace("http:", "https:"),
                     credentials=secret(settings, "api", held))  # fmt: skip
        delivered(settings, partner_id)
    read = _mappings if partner_id == "supermetrics" else _associations
    assert read(partner) == set(PAIRS)


def _mappings(partner: Endpoint) -> set[Pair]:
    return {(parse_qs(urlsplit(path).query)["partnerId"][0], body[0]["partnerId"])
            for _, path, body in partner.effects.values()}  # fmt: skip


def _associations(partner: Endpoint) -> set[Pair]:
    lines = [json.loads(line) for line in partner.calls[-1].body.splitlines()]
    return {(one["identifiers"][0]["user_agent_id"], one["identifiers"][1]["user_account_id"])
            for one in lines}  # fmt: skip
