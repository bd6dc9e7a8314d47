"""Alerts of a published home: told once when they open, once when they close, known to somebody."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from matchbook import audit, registry, state
from matchbook.alerts import messages, store, webhook
from matchbook.alerts.episodes import Cause, Episode
from matchbook.alerts.looking import look, look_at
from matchbook.alerts.measures import Place
from matchbook.alerts.store import Change, reconcile
from matchbook.alerts.words import sentence
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError, SnapshotUnavailable
from matchbook.settings import Settings
from tests.dashboard import world

NEWEST = world.LAST_DAY
HOOK = webhook.checked("https://hooks.homestead.example/m", "env:MATCHBOOK_WEBHOOK_TEST")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("alerts") / "home"
    publish_one(Settings(home=home, now=world.NOW))
    return home


@pytest.fixture
def watched(published: Path, tmp_path: Path) -> Settings:
    """A copy of a published home with three things off."""
    home = Path(shutil.copytree(published, tmp_path / "watched"))
    return Settings(home=home, now=world.NOW)


def publish_one(settings: Settings) -> None:
    """One client of the two is published."""
    world.make_registry(settings)
    world.publish(settings, ("homestead",))


def test_what_is_off_is_found_and_told_once(watched: Settings) -> None:
    webhook.set_webhook(watched, "homestead", HOOK, by="test")
    changes = look(watched)
    assert {(c.kind, c.alert.partner_id, c.alert.cause) for c in changes} == {
        ("opened", "tealium", "gone"),
        ("opened", "piano", "volume"),
        ("opened", "all", "consent"),
    }
    assert look(watched) == []
    assert len(messages.waiting(watched)) == 3


def test_it_says_where_what_and_why(watched: Settings) -> None:
    look(watched)
    names = messages.names_of(watched, "homestead")
    said = {a.cause: sentence(a, names) for a in store.of_client(watched, "homestead")}
    assert said == {
        "gone": "Tealium on shop.homestead.example: no calls. Likely: its tag is gone from the "
        "site",
        "volume": "Piano on shop.homestead.example: calls 80 % below usual. Likely: fewer visits, "
        "or the tag is on fewer pages",
        "consent": "All partners on blog.homestead.example: consent 37 % below usual. Likely: "
        "more people refuse consent: did the banner change?",
    }


def test_a_client_without_a_webhook_leaves_no_message(watched: Settings) -> None:
    look(watched)
    assert messages.waiting(watched) == []


def test_who_knows_is_kept_with_the_note(watched: Settings) -> None:
    opened = next(c.alert for c in look(watched) if c.alert.cause == "gone")
    made = store.acknowledge(watched, opened.alert_id, by="A. Vos", note="New tag manager")
    assert (made.acknowledged_by, made.note, made.needs_somebody) == (
        "A. Vos", "New tag manager", False,
    )  # fmt: skip
    again = store.acknowledge(watched, opened.alert_id, by="B. Kok", note="Release 12")
    assert (again.acknowledged_by, again.note) == ("A. Vos", "Release 12")
    assert [event.action for event in audit.events(watched)] == ["alert_acknowledged"] * 2


def test_a_number_that_is_none_is_refused(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="There is no alert 99"):
        store.acknowledge(settings, 99, by="A. Vos")


def test_an_alert_follows_its_episode_and_closes_with_it(settings: Settings) -> None:
    first = episode(NEWEST)
    assert kinds(settings, [first]) == ["opened"]
    longer = replace(first, until=NEWEST + timedelta(days=1), ratio=0.4)
    assert kinds(settings, [longer]) == []
    (alert,) = store.of_client(settings, "homestead")
    assert (alert.until_date, alert.ratio) == (NEWEST + timedelta(days=1), 0.4)
    assert kinds(settings, [replace(longer, is_open=False)]) == ["closed"]
    assert kinds(settings, [replace(longer, is_open=False)]) == []


def test_late_lines_may_undo_an_alert(settings: Settings) -> None:
    assert kinds(settings, [episode(NEWEST)]) == ["opened"]
    assert kinds(settings, []) == ["closed"]


def test_a_day_earlier_is_the_same_alert(settings: Settings) -> None:
    kinds(settings, [episode(NEWEST)])
    earlier = replace(episode(NEWEST), since=NEWEST - timedelta(days=1))
    assert kinds(settings, [earlier]) == []


def test_another_cause_of_silence_is_a_change_of_state(settings: Settings) -> None:
    kinds(settings, [episode(NEWEST)])
    silent = replace(episode(NEWEST + timedelta(days=1)), cause="gone")
    fewer = replace(episode(NEWEST), is_open=False)
    assert kinds(settings, [fewer, silent]) == ["opened", "closed"]


def test_the_past_is_entered_for_the_charts_and_told_to_nobody(settings: Settings) -> None:
    past = replace(episode(NEWEST - timedelta(days=20)), is_open=False)
    assert kinds(settings, [past]) == []
    (alert,) = store.of_client(settings, "homestead")
    assert not alert.is_open


def test_a_snapshot_of_before_an_update_is_left_out(watched: Settings) -> None:
    from matchbook.snapshots import current
    from matchbook.warehouse import open_file

    path = current(watched, "homestead").path
    connection = open_file(path, read_only=False)
    connection.execute("drop table call_days")
    connection.close()
    assert look(watched) == []


@pytest.mark.parametrize("url", ["ftp://a.example/x", "https://user:pw@a.example", "x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="The URL is not https"):
        webhook.checked(url, "env:MATCHBOOK_WEBHOOK_X")


def test_a_secret_is_named_never_given(watched: Settings) -> None:
    with pytest.raises(ConfigError, match="reference cannot be used"):
        webhook.checked("https://a.example/x", "my-secret")
    webhook.set_webhook(watched, "homestead", HOOK, by="test")
    (client, _) = registry.current(watched).clients
    assert client.alert_webhook == HOOK


def test_a_client_that_is_not_published_is_left_out(watched: Settings) -> None:
    with pytest.raises(SnapshotUnavailable):
        look_at(watched, "farways")
    assert {change.alert.client_id for change in look(watched)} == {"homestead"}


def episode(day: date, cause: Cause = "volume") -> Episode:
    place = Place("piano", "homestead-shop")
    return Episode(place, "low", cause, since=day, until=day, is_open=True, ratio=0.5)


def kinds(settings: Settings, found: list[Episode]) -> list[str]:
    newest = max([NEWEST, *(one.until for one in found)])
    with state.begin(settings) as connection:
        now = utc_naive(settings.clock.now())
        changes: list[Change] = reconcile(connection, "homestead", found, newest=newest, now=now)
    return [change.kind for change in changes]
