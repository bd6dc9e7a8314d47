"""Who may do what; and that the documentation says the same."""

from __future__ import annotations

import pytest

from matchbook.access import ALLOWED, Action, Person, Role, denied
from tests.test_architecture import ROOT

ROWS = {
    "see every page": Action.READ,
    "upload CRM": Action.UPLOAD,
    "build audiences": Action.BUILD_AUDIENCE,
    "push audiences": Action.PUSH,
    "settings": Action.SETTINGS,
    "team": Action.USERS,
    "opt-outs": Action.ERASE,
    "look up": Action.LOOK_UP,
    "audit log of the client": Action.AUDIT,
    "loads, builds": Action.HEALTH,
}


def test_each_role_may_what_the_one_before_it_may() -> None:
    analyst, marketer, manager = (ALLOWED[role] for role in Role)
    assert analyst < marketer < manager
    assert manager == set(Action) - {Action.HEALTH}


def test_a_role_is_of_one_client() -> None:
    person = Person("a", {"oak": Role.MANAGER, "elm": Role.ANALYST})
    assert person.may("oak", Action.ERASE)
    assert not person.may("elm", Action.ERASE)
    assert not person.may("ash", Action.READ)
    assert not person.may(None, Action.READ)
    assert not person.may("oak", Action.HEALTH)


def test_an_operator_sees_no_client() -> None:
    person = Person("o", is_operator=True)
    assert person.may(None, Action.HEALTH)
    assert not any(person.may("oak", action) for action in set(Action) - {Action.HEALTH})


def test_whoever_sits_at_this_computer_may_everything() -> None:
    assert all(Person("me", is_local=True).may("oak", action) for action in Action)


@pytest.mark.parametrize("action", Action)
def test_a_refusal_says_what_to_do(action: Action) -> None:
    error = denied(action)
    assert error.happened.startswith("You may not ")
    assert error.todo.startswith("Ask ")


@pytest.mark.parametrize("begin", ROWS)
def test_the_documentation_has_the_same_table(begin: str) -> None:
    page = (ROOT / "docs" / "access.md").read_text()
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {begin}")]
    cells = [cell.strip() == "yes" for cell in row.strip("|").split("|")[1:]]
    allowed = [ROWS[begin] in ALLOWED[role] for role in Role]
    assert cells == [*allowed, ROWS[begin] is Action.HEALTH]
