"""What each role is offered and refused; what stands there for whoever is not let in."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from dashboard import context, downloads, identity, navigation
from dashboard.queries import installation
from matchbook import audit, snapshots, team
from matchbook.access import Role
from matchbook.errors import PermissionDenied
from matchbook.instance import FILE
from matchbook.publishing.instance import refresh_deliveries
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.dashboard import world
from tests.dashboard.pages import fetch, open_page, words
from tests.dashboard.visitors import ask, cookies_of, open_as
from tests.signing_in import OPERATOR, claims, with_team

ANNA, MARK, RIA = (f"{name}@homestead.example" for name in ("anna", "mark", "ria"))
FAY = "fay@farways.example"
MANAGERS = {"integrations", "team", "audit"}
INSTANCE = f"""
create table loads as select * from (values
    (1, 'crm_file', 'farways', 90, 88, 0, 2, 0, 0, timestamp '2026-11-20 03:10'),
    (2, 'crm_file', 'homestead', 100, 99, 0, 1, 0, 0, timestamp '2026-11-21 03:10')
) as t (load_seq, source, client_id, lines, accepted, untracked, quarantined, duplicate, not_ours,
    landed_at);
create table builds as select '{world.BUILD}' as build_id, timestamp '2026-11-21' as as_of,
    timestamp '2026-11-21' as published_at, 2 as clients;
"""


@pytest.fixture
def home_of_two(published: Settings) -> Settings:
    settings = with_team(published)
    context.serve_from(settings)
    identity.forget()
    return settings


def offered(settings: Settings, email: str) -> set[str]:
    with identity.asked_by(claims(email)):
        person = identity.current(settings)
    return set(navigation._offered(person))


def test_the_menu_is_of_the_role(home_of_two: Settings) -> None:
    every = {module for module, _ in navigation._pages()}
    assert offered(home_of_two, ANNA) == every
    assert offered(home_of_two, MARK) == offered(home_of_two, RIA) == every - MANAGERS
    assert offered(home_of_two, OPERATOR) == set(navigation.OPERATORS_TOO)


@pytest.mark.parametrize("page", sorted(MANAGERS))
def test_ui01_a_page_that_is_not_ones_own_is_not_run(
    home_of_two: Settings, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UI01: a message, no query, and it is written down for the client's managers."""
    asked: list[str] = []
    monkeypatch.setattr(snapshots, "open_snapshot", lambda *_, **__: asked.append("a query"))
    said = words(open_as(RIA, page))
    assert "403 · Not for you" in said
    assert "You may not" in said
    assert asked == []
    newest = audit.events(home_of_two, client_id="homestead")[0]
    assert (newest.actor, newest.action) == (RIA, "authz_denied")
    assert newest.about == f"the page {page.capitalize()}"


@pytest.mark.parametrize("where", ["address", "session"])
def test_ui02_a_client_that_is_not_ones_own_is_a_wish(home_of_two: Settings, where: str) -> None:
    """UI02: the page shows the client one has, and the wish is written down."""
    app = open_as(FAY, "", **({"client": "Homestead"} if where == "address" else {}))
    if where == "session":
        app.session_state["client"] = "Homestead"
        app.run()
    assert "Farways Travel" in words(app)
    assert "Homestead" not in words(app)
    wishes = [e for e in audit.of_installation(home_of_two) if e.action == "authz_denied"]
    assert [(e.actor, e.about) for e in wishes] == [(FAY, "the client in the address at homestead")]
    before = len(audit.of_installation(home_of_two))
    app.run()
    assert len(audit.of_installation(home_of_two)) == before, "once a visit"


def test_of_two_clients_one_may_choose(home_of_two: Settings) -> None:
    team.put(home_of_two, MARK, "farways", Role.ANALYST, by="test")
    said = words(open_as(MARK, "", client="Farways Travel"))
    assert "Farways Travel" in said
    assert "authz_denied" not in {e.action for e in audit.events(home_of_two)}


def test_a_role_at_one_client_is_none_at_another(home_of_two: Settings) -> None:
    team.put(home_of_two, FAY, "homestead", Role.ANALYST, by="test")
    assert "403" in words(open_as(FAY, "team", client="Homestead"))
    assert "Who works for Farways Travel" in words(open_as(FAY, "team", client="Farways Travel"))


@pytest.mark.parametrize(
    ("said", "words_shown"),
    [
        ({"is_logged_in": False}, "Sign in to see your clients."),
        (claims("eve@x.example"), "nobody has invited you yet"),
        (claims(ANNA, email_verified=False), "has not verified"),
        (claims(ANNA, iat=int(time.time()) - 9 * 3600), "lasted long enough"),
    ],
    ids=["nobody", "a stranger", "unverified", "too long"],
)
def test_the_door(home_of_two: Settings, said: dict[str, object], words_shown: str) -> None:
    app = open_as(None, "match-rates", said, client="Homestead")
    assert words_shown in words(app)
    assert "Match rates" not in words(app)
    assert "Homestead" not in words(app)


def test_without_a_provider_it_is_said_that_nobody_signs_in(published: Settings) -> None:
    said = words(open_page(""))
    assert "Without sign-in" in said
    assert "nobody else is let in" in said


def test_what_a_manager_changes_holds_at_once(home_of_two: Settings) -> None:
    app = open_as(ANNA, "team")
    role = next(box for box in app.selectbox if box.label == f"Role of {RIA}")
    role.set_value(Role.MANAGER).run()
    assert f"{RIA} is manager now." in words(app)
    assert "team" in offered(home_of_two, RIA)
    app.button(key=f"remove_{MARK}").click().run()
    assert MARK not in {member.email for member in team.members(home_of_two, "homestead")}
    assert "nobody has invited you" in words(open_as(MARK, ""))
    app.text_input(key="invite_email").set_value("New@Homestead.example")
    app.button(key="invite").click().run()
    assert "new@homestead.example is analyst now." in words(app)


def test_the_last_manager_stays(home_of_two: Settings) -> None:
    app = open_as(ANNA, "team")
    app.button(key=f"remove_{ANNA}").click().run()
    assert "only manager." in words(app)


def test_the_audit_page_tells_and_exports(home_of_two: Settings) -> None:
    app = open_as(ANNA, "audit")
    assert "Invited, or changed a role" in words(app)
    assert "fay@farways.example" not in words(app)
    link = next(e.value for e in app.html if "Download CSV" in e.value).split('"')[3]
    answer = ask("GET", link, cookies=cookies_of(home_of_two, ANNA))
    assert answer.text.startswith("happened_at_utc,actor,client,action,about,subjects\r\n")
    newest = audit.events(home_of_two, client_id="homestead")[0]
    assert (newest.actor, newest.action, newest.about) == (ANNA, "download", "audit-log.csv")
    assert newest.subjects == answer.text.count("\r\n") - 1


def test_p37_a_link_is_of_use_to_one_person(home_of_two: Settings) -> None:
    with identity.asked_by(claims(ANNA)):
        link = downloads.offer_csv(home_of_two, "homestead", "rates", ["A"], [["b"]])
    assert ask("GET", link, cookies=cookies_of(home_of_two, ANNA)).status_code == 200
    for other in (MARK, FAY, "eve@x.example"):
        assert ask("GET", link, cookies=cookies_of(home_of_two, other)).status_code == 403
    assert fetch(link).status_code == 403
    stale = cookies_of(home_of_two, ANNA, iat=int(time.time()) - 9 * 3600)
    assert ask("GET", link, cookies=stale).status_code == 403
    elsewhere = cookies_of(home_of_two, ANNA, origin="https://elsewhere.example")
    assert ask("GET", link, cookies=elsewhere).status_code == 403
    forged = replace(home_of_two, home=home_of_two.home.parent / "other")
    assert ask("GET", link, cookies=cookies_of(forged, ANNA)).status_code == 403


def test_an_operator_sees_how_all_do_and_no_row(home_of_two: Settings) -> None:
    path = home_of_two.published / FILE
    with open_file(path, read_only=False) as connection:
        connection.execute(INSTANCE)
    refresh_deliveries(home_of_two)
    said = words(open_as(OPERATOR, ""))
    assert "farways 20 Nov, 03:10 90 2 4 of 4 0 21 Nov, 03:41" in said
    assert "homestead 21 Nov, 03:10 100 1 9 of 9 0" in said
    assert "C-63" not in said
    assert "403" in words(open_as(OPERATOR, "match-rates"))
    assert "Changed who is an operator" in words(open_as(OPERATOR, "audit"))
    with identity.asked_by(claims(ANNA)), pytest.raises(PermissionDenied):
        installation.clients(home_of_two)
