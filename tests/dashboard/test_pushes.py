"""Pages Integrations and Pushes in every state, against the stand-in; a worker drains between."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import context, identity
from exporters.pushes import drain as drain_pushes
from matchbook import snapshots
from matchbook.cli.work import drain as drain_jobs
from matchbook.clock import Clock
from matchbook.pushes import accounts, confirming, outbox, stand_in, targets
from matchbook.pushes.stand_in import StandIn as Demo
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.cep_server import StandIn, running
from tests.dashboard.audience_pages import again, press, said, write
from tests.dashboard.pages import INTEGRATIONS, PUSHES, open_page
from tests.exporters.cep.pushing import activate, ask, cloned, make_shop, person, work
from tests.matchbook.kept_audiences.nights import SHOP

MARTS = """
create table build as select now()::timestamp as as_of, current_date as as_of_date;
create table cep_links as select 'shop' as client_id, 1::bigint as cep_contact_id,
    now()::timestamp as last_linked_at, now()::timestamp as last_click_at,
    null::timestamp as last_read_at from range(80);
create table line_accounting as select 'shop' as client_id, current_date as hit_date,
    'untracked' as outcome, 'switch_off' as reason, 1204::bigint as lines;
"""


@pytest.fixture
def cep() -> Iterator[StandIn]:
    with running(contacts=120) as server:
        yield server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shop with sixty loyal people, all of them CEP contacts."""
    people = [person(n) for n in range(60)]
    settings = make_shop(tmp_path_factory.mktemp("pushes") / "home", people)
    with open_file(snapshots.current(settings, SHOP).path, read_only=False) as connection:
        connection.execute(MARTS)
    return settings


@pytest.fixture
def shop(made: Settings, tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(home=tmp_path / "home", now=made.now)
    shutil.copytree(made.home, settings.home)
    context.serve_from(settings)
    st.cache_data.clear()
    yield settings
    context.serve_from(settings)


def fill_in(app: AppTest, cep: StandIn, **other: str) -> AppTest:
    fields = {"API URL": cep.url, "Default group id": str(cep.default_group),
              "User name": cep.user, "Password": cep.password}  # fmt: skip
    for label, value in {**fields, **other}.items():
        write(app, label, value)
    return press(app, "Activate Integration")


def test_activating_takes_the_worker_and_no_call_of_the_page(shop: Settings, cep: StandIn) -> None:
    app = fill_in(open_page(INTEGRATIONS), cep)
    assert "The check waits, and nothing works on it." in said(app)
    assert cep.asked() == []
    drain_jobs(shop, say=lambda _: None)
    assert "Mapp CEP answers, and the default group is there." in said(again(app))
    assert "Active, checked 04:10" in said(app)
    assert [field.value for field in app.text_input if field.label == "Password"] == [""]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"API URL": "http://cep.example/api/rest/v6"}, "The API URL is not encrypted (http)."),
        ({"API URL": "nonsense"}, "The API URL is no web address."),
        ({"API URL": "https://cep.example/login"}, "it has no /api/rest"),
        ({"Default group id": "group 7"}, "The group id is not a number."),
        ({"User name": ""}, "The user name is missing"),
        ({"Password": ""}, "The password is missing."),
    ],
)
def test_what_is_wrong_before_anything_is_called(
    shop: Settings, cep: StandIn, other: dict[str, str], words: str
) -> None:
    assert words in said(fill_in(open_page(INTEGRATIONS), cep, **other))
    assert accounts.find(shop, SHOP, "asked") is None


def test_a_refusal_is_said_in_words(shop: Settings, cep: StandIn) -> None:
    app = fill_in(open_page(INTEGRATIONS), cep, Password="wrong one")
    drain_jobs(shop, say=lambda _: None)
    assert "CEP refuses the user name or the password." in said(again(app))
    assert "wrong one" not in said(app)
    assert accounts.find(shop, SHOP) is None


def test_in_the_demo_the_form_is_filled_in(shop: Settings, cep: StandIn) -> None:
    stand_in.write(shop, Demo(cep.root, cep.url, cep.default_group, cep.user, cep.password))
    app = open_page(INTEGRATIONS)
    assert "the form is filled in for a stand-in" in said(app)
    press(app, "Activate Integration")
    drain_jobs(shop, say=lambda _: None)
    assert "Mapp CEP answers" in said(again(app))


def test_the_switches_tell_what_one_that_is_off_costs(shop: Settings) -> None:
    app = open_page(INTEGRATIONS)
    assert "Of last month's 80 recognised contacts, 100.0 % came through it." in said(app)
    assert "1,204 clicks and reads of the last 30 days came while their switch was off" in said(app)
    press(app, "We have requested it")
    assert "Requested 17 Nov, 04:10" in said(again(app))
    assert "very likely, never certain" in said(app).lower()


def test_from_the_funnel_to_the_group(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    cep.world.journal.clear()
    app = open_page(PUSHES, audience="loyal")
    assert "Toadd60" in said(app).replace(" ", "")
    assert cep.asked() == []
    write(app, "Name of the group in CEP", "Autumn <b>clickers</b>")
    press(app, "Push to CEP")
    assert "Waiting for the worker" in said(app)
    push = outbox.of_client(shop, SHOP)[0]
    assert work(shop, push).state == "done"
    again(app)
    target = targets.find(shop, SHOP, "loyal")
    assert target is not None
    assert f"In CEP: group “Autumn bclickers/b”, no. {target.group_id}." in said(app)
    assert len(cloned(cep)) == 1
    assert "Done" in said(open_page(PUSHES))


def test_a_past_push_shows_its_funnel(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    push = work(shop, ask(shop))
    text = said(open_page(PUSHES, push=str(push.push_id)))
    assert "From the audience to the destination" in text
    assert "Maybesent60" in text.replace(" ", "")


def test_a_second_person_confirms_a_large_push(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    app = open_page(INTEGRATIONS)
    next(one for one in app.toggle if "second person" in one.label).set_value(True)
    again(app)
    app.number_input[0].set_value(50)
    again(app)
    assert confirming.limit(shop, SHOP) == 50
    assert "somebody else confirms it" in said(open_page(PUSHES, audience="loyal"))
    push = work(shop, ask(shop))
    assert "60 to add" in said(open_page(PUSHES))
    app = open_page(PUSHES, push=str(push.push_id))
    assert "60 contacts would be added at Mapp CEP. Nothing has been sent yet." in said(app)
    press(app, "Confirm and push")
    done = work(shop, push)
    assert (done.state, done.confirmed_by) == ("done", identity.who())
    assert "confirmed by" in said(open_page(PUSHES, push=str(push.push_id)))


def test_nobody_confirms_what_they_asked_for(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    confirming.set_limit(shop, SHOP, 10, by="test")
    press(open_page(PUSHES, audience="loyal"), "Push to CEP")
    push = work(shop, outbox.of_client(shop, SHOP)[0])
    app = press(open_page(PUSHES, push=str(push.push_id)), "Confirm and push")
    assert "Who asked for a push cannot confirm it." in said(app)
    assert work(shop, push).state == "unconfirmed"


def test_a_double_click_pushes_once(shop: Settings, cep: StandIn) -> None:
    """UI06."""
    activate(shop, cep)
    app = open_page(PUSHES, audience="loyal")
    button = next(one for one in app.button if one.label == "Push to CEP")
    button.click()
    button.click()
    again(app)
    other = open_page(PUSHES, audience="loyal")
    press(other, "Push to CEP")
    assert len(outbox.of_client(shop, SHOP)) == 1


def test_waiting_failed_and_retried(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    cep.control(script=["500"] * 3, script_for="membership/create")
    push = ask(shop)
    drain_pushes(shop, clock=Clock(shop.now))
    app = open_page(PUSHES, push=str(push.push_id))
    assert "Waits until 04:10. CEP gave no clear answer." in said(app)
    work(shop, push)
    app = open_page(PUSHES, push=str(push.push_id))
    assert "Stopped after three tries." in said(app)
    press(app, "Try again now")
    work(shop, push)
    assert "60" in said(open_page(PUSHES))


def test_cancel_and_an_address_that_is_none(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    push = ask(shop)
    press(open_page(PUSHES, push=str(push.push_id)), "Cancel")
    assert work(shop, push).state == "cancelled"
    assert "There is no push at this address." in said(open_page(PUSHES, push="99"))
    assert "There is no audience at this address." in said(open_page(PUSHES, audience="nobody"))


def test_before_a_destination_is_active(shop: Settings) -> None:
    assert "No destination is active yet." in said(open_page(PUSHES, audience="loyal"))
    assert "Nothing was pushed yet." in said(open_page(PUSHES))


def test_a_taken_name_is_asked_for(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    cep.store.groups[1800150437].name = "Loyal"
    push = work(shop, ask(shop))
    app = open_page(PUSHES, push=str(push.push_id))
    assert "Another group in CEP has this name already." in said(app)
    write(app, "Another name", "Loyal two")
    press(app, "Use this name")
    assert work(shop, push).state == "done"


def test_stop_asks_what_becomes_of_the_group(shop: Settings, cep: StandIn) -> None:
    activate(shop, cep)
    work(shop, ask(shop, follows=True))
    app = open_page(PUSHES, audience="loyal")
    next(one for one in app.radio if one.label == "The group in CEP").set_value("Empty it")
    press(app, "Stop now")
    push = outbox.of_client(shop, SHOP)[0]
    assert (push.kind, work(shop, push).state) == ("empty", "done")
    assert cloned(cep)[0].members == {}
