"""An audience in each partner's own form, and over HTTPS where it takes requests."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from exporters.audience_partner import PartnerWay
from exporters.audience_storing import store
from matchbook import partner_channels
from matchbook.clock import Clock
from matchbook.partners import load_partners
from matchbook.pushes import asking, outbox, partner_files, targets
from matchbook.pushes.partner_forms import channel_for
from matchbook.settings import Settings
from tests.exporters.audience_shop import ask, cookie, held, make, pushed, with_cookies
from tests.exporters.cep.pushing import LOYAL, later, next_night, person, work
from tests.exporters.channels import secret, there
from tests.matchbook.kept_audiences.nights import SHOP
from tests.partner_servers import Endpoint, endpoint

NINE = [partner.partner_id for partner in load_partners()]
COOKIES = {cookie(n) for n in range(120)}


def content(path: Path) -> bytes:
    """A file as the partner unpacks it."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    return path.read_bytes()


@pytest.mark.parametrize("partner_id", NINE)
def test_each_partner_gets_its_own_form(tmp_path: Path, partner_id: str) -> None:
    """All of its cookie ids, the audience as it can be named there, and no id of ours."""
    (tmp_path / "there").mkdir()
    settings = make(tmp_path / "home", (tmp_path / "there").as_uri(), partner_id)
    push = ask(settings, partner_id=partner_id, name="4711")
    target = targets.find(settings, *push.target)
    channel = partner_channels.find(settings, SHOP, partner_id)
    assert target is not None
    assert channel is not None
    own = channel_for(channel, target, push.push_id)
    store(settings, push, target, PartnerWay(own), clock=Clock(settings.now))
    (file,) = partner_files.of(settings, push)
    path = partner_files.folder(settings, push) / file.name
    if own.profile.format == "parquet":
        text = pq.read_table(path).to_pandas().to_csv()
    else:
        text = content(path).decode()
    assert {c for c in COOKIES if c in text} == COOKIES
    assert LOYAL in text or "4711" in text
    assert "r17" not in text
    assert "crm" not in text.lower()
    assert str(push.push_id) in file.name
    assert "{" not in file.name


@pytest.fixture
def partner() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


@pytest.fixture
def relay(tmp_path: Path, partner: Endpoint) -> Settings:
    """A partner that takes a request for each browser."""
    home = tmp_path / "home"
    settings = make(home, partner.address, "supermetrics", credentials="file:api")
    secret(settings, "api", "api:token")
    return settings


def facts(partner: Endpoint) -> set[str]:
    """Who is in the audience by what the partner took, each call once."""
    inside: set[str] = set()
    for _, path, body in partner.effects.values():
        who = path.partition("partnerId=")[2].partition("&")[0]
        (fact,) = body
        assert (fact["factName"], fact["properties"]["audience"]) == ("matchbook_audience", "Loyal")
        inside.add(who) if fact["properties"]["action"] == "add" else inside.discard(who)
    return inside


def test_over_https_each_change_is_one_call(relay: Settings, partner: Endpoint) -> None:
    done = pushed(relay, ask(relay, partner_id="supermetrics", follows=True))
    assert (done.state, done.reason) == ("done", None)
    assert facts(partner) == held(relay, "supermetrics") == COOKIES
    night = next_night(relay, [person(n) for n in range(5, 120)])
    with_cookies(night, partner_id="supermetrics")
    (asked,) = asking.follow_all(night)
    pushed(night, asked)
    assert facts(partner) == {cookie(n) for n in range(5, 120)}
    assert len(partner.calls) == 125


@pytest.mark.parametrize("fault", ["drop", "reset", 503])
def test_over_https_what_was_answered_is_not_sent_again(
    relay: Settings, partner: Endpoint, fault: str | int
) -> None:
    partner.fault = lambda number, body: fault if number == 50 else None
    push = ask(relay, partner_id="supermetrics")
    assert pushed(relay, push).next_attempt_at is not None
    assert work(relay, push).state == "done"
    assert facts(partner) == COOKIES
    assert len(partner.calls) == 121


def test_over_https_a_refused_browser_holds_up_nobody(relay: Settings, partner: Endpoint) -> None:
    partner.fault = lambda number, body: 400 if number == 7 else None
    done = pushed(relay, ask(relay, partner_id="supermetrics"))
    assert done.state == "done"
    assert (done.funnel or {})["refused"] == 1


def test_over_https_a_refused_log_in_is_one_call(relay: Settings, partner: Endpoint) -> None:
    partner.authorization = "Basic other"
    stuck = pushed(relay, ask(relay, partner_id="supermetrics"))
    assert (stuck.state, len(partner.calls)) == ("stuck", 1)
    pushed(later(relay, hours=1), stuck)
    assert len(partner.calls) == 1


def test_piano_reads_which_segments_there_are(tmp_path: Path) -> None:
    received = tmp_path / "there"
    received.mkdir()
    settings = make(tmp_path / "home", received.as_uri(), "piano")
    pushed(settings, ask(settings, partner_id="piano", name="Loyal, and more"))
    names = there(received)
    listing = names.pop("exports/piano/mapping/taxonomy.csv").decode()
    assert list(csv.reader(io.StringIO(listing))) == [["id", "name"], ["loyal", "Loyal, and more"]]
    ((name, segments),) = names.items()
    assert name.startswith("exports/piano/segments/")
    assert segments.decode().splitlines()[:2] == ["cx_id,segment_id,action", "cookie-000,loyal,add"]
    target = targets.find(settings, SHOP, LOYAL, "piano")
    assert target is not None
    empty = asking.stop(settings, target, empties=True, by="test")
    assert empty is not None
    assert pushed(settings, empty).state == "done"
    assert held(settings, "piano") == set()


def test_where_nobody_can_be_taken_out_everybody_is_told_each_time(tmp_path: Path) -> None:
    received = tmp_path / "there"
    received.mkdir()
    settings = make(tmp_path / "home", received.as_uri(), "permutive")
    pushed(settings, ask(settings, partner_id="permutive"))
    night = next_night(settings, [person(n) for n in range(10, 125)])
    with_cookies(night, partner_id="permutive")
    again = pushed(night, ask(night, partner_id="permutive", key="again"))
    (last,) = received.rglob(f"*-{again.push_id}.tsv.gz")
    told = [line.split("\t") for line in content(last).decode().splitlines()]
    assert told == [[cookie(n), "loyal"] for n in range(10, 125)]
    assert outbox.get(night, again.push_id).state == "done"
