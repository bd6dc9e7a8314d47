"""The pixel of an e-mail's browser version: as strict as a click, and it is only a pixel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.collector.contacts import OptedOutContacts
from matchbook import registry, suppressions
from matchbook.erasure import requests
from matchbook.registry import Client, Registry
from matchbook.settings import Settings
from tests.mailing import AT, Desk, desk, header


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(Settings(home=tmp_path_factory.mktemp("read"), now=AT)) as made:
        yield made


def test_a_read_is_tracked(office: Desk) -> None:
    answer = office.get(office.link("read") + "&consent=1")
    assert (answer.status, len(answer.body)) == (200, 43)
    assert header(answer, "set-cookie") is not None
    line = office.lines()[-1]
    assert (line["type"], line["contact"], line["basis"]) == ("read", "4711", "link_consent")


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        pytest.param(("client=acme", "client=beta"), 404, "bad_signature", id="UC14-other-client"),
        pytest.param(("contact=4711", "contact=4712"), 400, "bad_signature", id="UC14-tampered"),
        pytest.param(("&sig=", "&x="), 400, "missing_param", id="unsigned"),
        pytest.param(("message=m1", "message=m%0a1"), 400, "bad_param", id="UC08"),
    ],
)
def test_what_we_did_not_sign_is_refused(
    office: Desk, change: tuple[str, str], status: int, reason: str
) -> None:
    answer = office.get(office.link("read").replace(*change))
    assert (answer.status, header(answer, "set-cookie")) == (status, None)
    assert (office.lines()[-1]["type"], office.lines()[-1]["refused"]) == ("read", reason)


def test_a_read_of_a_client_whose_switch_is_off(office: Desk) -> None:
    answer = office.get(office.link("read", client_id="gamma") + "&consent=1")
    assert (answer.status, header(answer, "set-cookie")) == (200, None)
    line = office.lines()[-1]
    assert (line["reason"], line.get("contact")) == ("switch_off", None)


def test_an_unfilled_placeholder_is_refused_as_a_pixel(office: Desk) -> None:
    answer = office.get(office.link("read") + "&consent=<%flag%>")
    assert (answer.status, len(answer.body)) == (200, 43)
    assert header(answer, "refused") == office.lines()[-1]["refused"] == "bad_param"


def test_with_a_full_disk_nothing_is_acknowledged(office: Desk) -> None:
    url = office.link("read")
    with office.full_disk():
        answer = office.get(url)
    assert (answer.status, header(answer, "set-cookie")) == (503, None)


def test_contacts_are_followed_without_reading_them_again(settings: Settings) -> None:
    contacts = OptedOutContacts(settings)
    assert not contacts.has_opted_out("acme", "1")
    assert not (settings.home / "state.sqlite").exists()
    suppressions.add(settings, subject_type="cep_contact", subject_id="1", client_id="acme")
    suppressions.add(settings, subject_type="visitor", subject_id="2")
    suppressions.add(settings, subject_type="cep_contact", subject_id="no number")
    contacts.look()
    assert contacts.has_opted_out("acme", "1")
    assert contacts.has_opted_out("acme", "01")
    assert not contacts.has_opted_out("beta", "1")
    assert suppressions.contacts_after(settings, contacts._newest) == []


def test_an_erased_contact_stays_out_and_one_that_came_back_does_not(settings: Settings) -> None:
    clients = (Client(client_id="acme", name="Acme"),)
    registry.replace(settings, Registry(clients=clients), by="a test")
    contacts = OptedOutContacts(settings)
    anna = [("cep_contact", "1")]
    (number,) = requests.ask(settings, "erasure", "acme", [anna], by="a test")
    requests.finish(settings, requests.get(settings, number))
    for follower in (contacts, OptedOutContacts(settings)):
        follower.look()
        assert follower.has_opted_out("acme", "1")
        assert not follower.has_opted_out("acme", "2")
    requests.lift(settings, "acme", anna, by="a test")
    contacts.look()
    assert not contacts.has_opted_out("acme", "1")


def test_while_the_list_is_unknown_nobody_is_tracked(settings: Settings) -> None:
    (settings.home / "state.sqlite").write_bytes(b"not a database at all" * 50)
    contacts = OptedOutContacts(settings)
    assert contacts.has_opted_out("acme", "1")
