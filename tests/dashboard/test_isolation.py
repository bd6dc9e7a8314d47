"""P36, P37: every page, tab, route and link, asked for by another client's person."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st

from dashboard import context, identity, uploads
from dashboard.navigation import MENU
from matchbook import audit, registry
from matchbook.settings import Settings
from tests.dashboard import canaries
from tests.dashboard.canaries import OURS, PAGES, THEIRS, Side
from tests.dashboard.visitors import ask, cookies_of, everything, open_as
from tests.demo_home import LAST_NIGHT
from tests.signing_in import SIGN_IN, claims

pytestmark = pytest.mark.proof


@pytest.fixture
def two(demo_home: Path) -> Iterator[tuple[Settings, str]]:
    """A home of two clients after a night; one audience of theirs."""
    settings = Settings.from_environment({"MATCHBOOK_HOME": str(demo_home),
                                          "MATCHBOOK_NOW": LAST_NIGHT})  # fmt: skip
    canaries.seed(settings, OURS)
    theirs = canaries.seed(settings, THEIRS)
    canaries.refresh(settings)
    served = replace(settings, sign_in=SIGN_IN)
    context.serve_from(served)
    st.cache_data.clear()
    yield served, theirs
    context.serve_from(settings)


def denials(settings: Settings) -> int:
    return sum(event.action == "authz_denied" for event in audit.events(settings))


def visit(side: Side, page: str, tab: str, **swapped: str) -> str:
    given = {"tab": tab} if tab else {}
    return everything(open_as(side.manager, page, **given, **swapped)).lower()


def test_p36_nothing_of_another_client(two: tuple[Settings, str]) -> None:
    settings, audience = two
    assert {m.replace("_", "-") for group in MENU.values() for m, _ in group} == {
        name or "overview" for name in PAGES
    }
    seen: set[str] = set()
    crawled = leaked = 0
    for page, tab in canaries.places():
        # First as themselves: what is cached for them is in the way of nobody else.
        seen |= {word for word in THEIRS.canaries if word in visit(THEIRS, page, tab)}
        before = denials(settings)
        said = visit(OURS, page, tab, client=THEIRS.name, audience=audience, push="1",
                     partner="tealium", list=THEIRS.word)  # fmt: skip
        crawled += len(said)
        leaked += sum(said.count(word) for word in THEIRS.canaries)
        assert leaked == 0, (page, tab)
        assert html.escape(OURS.name).lower() in said, (page, tab)
        assert denials(settings) == before + 1, (page, tab)
    assert seen == set(THEIRS.canaries)
    print(f"P36: {len(list(canaries.places()))} pages and tabs, {crawled:,} bytes, {leaked} theirs")


def test_p36_and_p37_links_and_routes(two: tuple[Settings, str]) -> None:
    settings, _ = two
    links = [canaries.link(settings, THEIRS) for _ in range(3)]
    own = cookies_of(settings, THEIRS.manager)
    other = cookies_of(settings, OURS.manager)
    assert THEIRS.word in ask("GET", links[0], cookies=own).text
    before, answers = denials(settings), []
    for path in links:
        answers += [ask("GET", path, cookies=other), ask("GET", path)]
    with identity.asked_by(claims(THEIRS.manager)):
        theirs = next(one.list_id for one in registry.current(settings).lists
                      if one.client_id == THEIRS.client_id)  # fmt: skip
        ticket = {
            "x-matchbook-ticket": uploads.permit(settings, THEIRS.client_id, theirs, "opt-in")
        }
    body = b"crm_record_id\r\nX-1\r\n"
    paths = ("/crm-uploads/parts/0", "/crm-uploads/finish/1")
    for path in paths:
        answers += [ask("POST", path, cookies=c, headers=ticket, content=body)
                    for c in (other, None)]  # fmt: skip
    assert ask("POST", "/crm-uploads/give-up", cookies=other, headers=ticket).text == "{}"
    assert {answer.status_code for answer in answers} == {403}
    assert not [a for a in answers if any(w in a.text.lower() for w in THEIRS.canaries)]
    assert denials(settings) == before + len(answers) + 1
    for minutes, status in ((9, 200), (11, 403)):
        late = replace(settings, now=settings.clock.now() + timedelta(minutes=minutes))
        context.serve_from(late)
        assert ask("GET", links[0], cookies=own).status_code == status
    print(f"P37: {len(answers)} answers to others, 0 of them 200; none after ten minutes")
