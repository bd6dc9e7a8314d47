"""One list of pages, one name each, one place for charts, one form of empty states."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dashboard.navigation import MENU
from matchbook.settings import REPOSITORY

DASHBOARD = REPOSITORY / "dashboard"
LISTED = {
    "Measure": ["Overview", "Match rates", "Partners"],
    "Onboard": ["CRM uploads", "Pixels"],
    "Activate": ["Audiences", "Lookalikes", "Pushes"],
    "Operate": ["Nightly files", "Data quality"],
    "Settings": ["Integrations", "Team", "Privacy", "Audit"],
}
PAGES = [page for pages in MENU.values() for page in pages]


def test_the_menu_is_the_list() -> None:
    assert {group: [title for _, title in pages] for group, pages in MENU.items()} == LISTED


@pytest.mark.parametrize(("module", "title"), PAGES)
def test_a_page_has_one_name(module: str, title: str) -> None:
    assert module == title.lower().replace(" ", "_")
    assert f'"{title}"' in (DASHBOARD / "app_pages" / f"{module}.py").read_text()
    assert f"*{title}*" in (REPOSITORY / "README.md").read_text()


def test_charts_are_drawn_in_one_place() -> None:
    drawing = {path.parent.name for path in _sources() if "plotly" in path.read_text()}
    assert drawing == {"charts"}


def test_every_empty_state_says_what_stands_there_and_has_its_button() -> None:
    bare = [
        f"{path.name}:{node.lineno}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "empty_state"
        and len(node.args) < 3
        and not any(one.arg == "command" for one in node.keywords)
    ]
    assert bare == []


def _sources() -> list[Path]:
    return [path for path in DASHBOARD.rglob("*.py") if "node_modules" not in path.parts]
