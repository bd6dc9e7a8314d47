"""The line is cut anywhere: nothing partial under a final name, nothing doubled, nothing lost."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from matchbook import partner_channels
from matchbook.settings import Settings
from tests.conftest import NOW, folder_in_memory
from tests.exporters.channels import (
    deliver_at,
    is_final,
    ledger,
    open_channel,
    secret,
    stored,
    there,
)
from tests.exporters.nights import publish_pairs
from tests.partner_servers import FtpsServer, certificate, ftps_server
from tests.sizes import a_few_now
from tests.storage_servers import CuttingWire, sftp_server

pytestmark = [pytest.mark.needs("sshd"), pytest.mark.xdist_group("transports")]

QUICK = {"sent": (1, 50, 99), "answers": (99,)}
EVERY = {"sent": tuple(range(101)), "answers": tuple(range(101))}
FIRST = NOW + timedelta(minutes=30)

PAIRS = {"few": 3, "many": 12_000}
"""With few pairs the bytes are those of the protocol's steps, with many those of the file."""


def pairs(number: int) -> dict[tuple[str, str], int]:
    dice = random.Random(7)
    return {(f"{dice.getrandbits(180):045x}", f"r{n}"): 1 for n in range(number)}


@dataclass
class Line:
    """A home that waits to deliver, over a line that can be cut."""

    home: Path
    drop: Path
    sent: CuttingWire
    answers: CuttingWire

    @contextmanager
    def settings(self) -> Iterator[Settings]:
        """A copy of the home, before an empty drop and with the line mended."""
        shutil.rmtree(self.drop)
        self.drop.mkdir()
        for wire in (self.sent, self.answers):
            wire.cut_after = None
            wire.most = 0
        with folder_in_memory() as folder:
            yield Settings(home=Path(shutil.copytree(self.home, folder / "home")), now=NOW)


@pytest.fixture(scope="module", params=a_few_now(PAIRS, "few"))
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    with folder_in_memory() as base, sftp_server(base / "sshd") as server:
        drop = base / "drop"
        drop.mkdir()
        settings = Settings(home=base / "home", now=NOW)
        answers = CuttingWire(server.port)
        sent = CuttingWire(answers.port, counts_sent=True)
        key = secret(settings, "key", server.key)
        address = server.url(drop, sent.port)
        open_channel(settings, "tealium", address, credentials=key, host_key=server.host_key)
        publish_pairs(settings, 1, pairs(PAIRS[request.param]), "tealium")
        yield Line(settings.home, drop, sent, answers)
        sent.close()
        answers.close()


def check(line: Line, settings: Settings, wire: CuttingWire, cut: int) -> bool:
    """Cut once, look, and let it be tried again; whether the cut was before the end."""
    wire.cut_after = cut
    first = deliver_at(settings, FIRST)
    (delivery,) = ledger(settings)
    promised = stored(settings, delivery)
    standing = {name: found for name, found in there(line.drop).items() if is_final(name)}
    assert standing.items() <= promised.items(), "partial or strange under a final name"
    manifests = [name for name in standing if "_manifest_" in name]
    assert not manifests or standing == promised, "the manifest before the data"
    assert first is not None
    assert first.is_new == (delivery.state == "confirmed")
    if first.is_new:
        assert standing == promised
    wire.cut_after = None
    deliver_at(settings, FIRST + timedelta(hours=7))
    (delivery,) = ledger(settings)
    assert delivery.state == "confirmed", delivery.reason
    assert there(line.drop) == promised, "doubled, lost or left behind"
    assert stored(settings, delivery) == promised
    return not first.is_new


def lengths(line: Line) -> tuple[int, int]:
    """Bytes that a whole delivery sends and is answered."""
    with line.settings() as settings:
        done = deliver_at(settings, FIRST)
    assert done is not None
    assert done.state == "confirmed", done.reason
    return line.sent.most, line.answers.most


def cut_everywhere(line: Line, percents: dict[str, tuple[int, ...]]) -> tuple[int, int]:
    """How many cuts there were, and how many before the delivery was through."""
    sent, answered = lengths(line)
    cuts = broken = 0
    for wire, total, at in (
        (line.sent, sent, percents["sent"]),
        (line.answers, answered, percents["answers"]),
    ):
        for percent in at:
            with line.settings() as settings:
                broken += check(line, settings, wire, total * percent // 100)
            cuts += 1
    return cuts, broken


@pytest.mark.parametrize("row", ["DL01"])
def test_a_line_that_is_cut(line: Line, row: str) -> None:
    cuts, broken = cut_everywhere(line, QUICK)
    assert broken >= cuts // 2, "the last bytes only say good-bye"


@pytest.mark.proof
@pytest.mark.parametrize("row", ["DL01"])
def test_p20_a_line_that_is_cut_at_every_percent(line: Line, row: str) -> None:
    cuts, broken = cut_everywhere(line, EVERY)
    print(f"\nP20, SFTP: {cuts} cuts, {broken} of them before the end; partial under a final name")
    print("0, manifest before data 0, doubled 0, lost 0")
    assert broken >= cuts * 9 // 10


@dataclass
class Ftps:
    settings: Settings
    server: FtpsServer


@pytest.fixture
def ftps(memory_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ftps]:
    settings = Settings(home=memory_path / "home", now=NOW)
    trusted = certificate(memory_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.path))
    with ExitStack() as stack:
        server = stack.enter_context(ftps_server(memory_path / "drop", trusted))
        open_channel(settings, "spotler", server.address, active=False,
                     credentials=secret(settings, "pw", server.password))  # fmt: skip
        partner_channels.confirm(settings, "casa", "spotler", by="J. Jansen")
        partner_channels.activate(settings, "casa", "spotler", by="test")
        yield Ftps(settings, server)


def cut_uploads(ftps: Ftps, percents: tuple[int, ...]) -> int:
    """A night for each cut."""
    broken, drop = 0, ftps.server.folder
    for load_seq, percent in enumerate(percents, start=1):
        seen = {(f"sqzl{n:020x}", f"r{load_seq}-{n}"): load_seq for n in range(3000)}
        publish_pairs(ftps.settings, load_seq, seen, "spotler")
        moment = FIRST + timedelta(days=load_seq - 1)
        ftps.server.breaks["after"] = 120_000 * percent // 100
        deliver_at(ftps.settings, moment)
        delivery = ledger(ftps.settings)[-1]
        promised = stored(ftps.settings, delivery)
        standing = {name: found for name, found in there(drop).items() if is_final(name)}
        own = {name: found for name, found in standing.items() if name in promised}
        assert own.items() <= promised.items(), "partial under a final name"
        assert not [name for name in own if "_manifest_" in name] or own == promised
        broken += delivery.state != "confirmed"
        ftps.server.breaks.clear()
        deliver_at(ftps.settings, moment + timedelta(hours=7))
        assert ledger(ftps.settings)[-1].state == "confirmed", ledger(ftps.settings)[-1].reason
        assert promised.items() <= there(drop).items()
        assert all(is_final(name) for name in there(drop))
    assert len(there(drop)) == 2 * len(percents)
    return broken


def test_an_upload_over_ftps_that_breaks(ftps: Ftps) -> None:
    assert cut_uploads(ftps, (1, 50, 99)) == 3


@pytest.mark.proof
def test_p20_an_upload_over_ftps_that_breaks_at_every_percent(ftps: Ftps) -> None:
    broken = cut_uploads(ftps, tuple(range(100)))
    print(f"\nP20, FTPS: 100 uploads, {broken} broken; partial under a final name 0, lost 0")
