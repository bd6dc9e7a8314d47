"""P45: every failure shown to a person says what happened, what was kept and what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import context
from matchbook import errors
from matchbook.errors import MatchbookError
from matchbook.settings import REPOSITORY, Settings
from tests.dashboard import world
from tests.dashboard.pages import AUDIENCES, MATCH_RATES, OVERVIEW, PARTNERS, open_page, words

TREE = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, MatchbookError)
]
CODE = ("matchbook", "ingest", "exporters", "dashboard")


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: f"P45-{kind.__name__}")
def test_no_kind_of_error_leaves_a_part_out(kind: type[MatchbookError]) -> None:
    assert re.fullmatch(r"[A-Z][^\n]+\.", kind.KEPT)
    assert re.fullmatch(r"[A-Z][^\n]+\.", kind.TODO)


def test_P45_each_error_begins_with_what_happened() -> None:
    mute = [where for where, told in _told() if not re.match(r"[A-Z{“\"0-9]", told)]
    assert mute == []


def _told() -> Iterator[tuple[str, str]]:
    """Where an error is made, and its first sentence as far as it is written there."""
    names = {kind.__name__ for kind in TREE}
    for path in (file for part in CODE for file in (REPOSITORY / part).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in names or not node.args:
                continue
            first = node.args[1] if len(node.args) > 1 else node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield f"{path.name}:{node.lineno}", first.value


@pytest.mark.parametrize("page", [OVERVIEW, MATCH_RATES, PARTNERS, AUDIENCES])
def test_P45_on_a_page(published: Settings, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that says only what happened is completed; nothing else of it is shown."""

    def broken(*_: object) -> None:
        raise errors.ConfigError("The registry cannot be read.")

    context.serve_from(published)
    monkeypatch.setattr("dashboard.app_pages.opening.open_view", broken)
    said = words(open_page(page))
    assert "The registry cannot be read. Nothing was changed. Correct it and try again." in said
    assert world.BUILD not in said
    assert str(Path(published.home)) not in said
