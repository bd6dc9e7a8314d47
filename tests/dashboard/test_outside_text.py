"""P35: text from outside never becomes markup on a page or a formula in a CSV file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from matchbook import registry
from matchbook.settings import Settings
from tests.dashboard.pages import fetch, links, open_page
from tests.dashboard.test_every_page import PAGES
from tests.sizes import a_few_now

MARKUP = '<img src=x onerror="window.hit=1">**b**[x](javascript:1)'
FORMULA = '=HYPERLINK("http://evil.example")'
TEXTS = {
    "sites": ("site_name",),
    "uploads": ("list_name", "uploaded_by"),
    "upload_schedules": ("list_name",),
    "landed_files": ("file_name",),
    "rejected_lines": ("file_name", "excerpt", "reason"),
    "rejected_calls": ("last_file_name", "reason"),
    "record_funnel": ("lever",),
    "column_descriptions": ("description",),
}
"""What comes from files, forms and logs, by mart."""

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def hostile(published: Settings, request: pytest.FixtureRequest) -> Settings:
    """A morning on which every such text is an attack."""
    for snapshot in published.published.glob("*/*.duckdb"):
        with duckdb.connect(str(snapshot)) as connection:
            for mart, columns in TEXTS.items():
                sets = ", ".join(f"{column} = $text" for column in columns)
                connection.execute(f"update {mart} set {sets}", {"text": request.param})
    document = registry.current(published)
    clients = tuple(c.model_copy(update={"name": f"{c.name} {MARKUP}"}) for c in document.clients)
    registry.replace(published, document.model_copy(update={"clients": clients}), by="test")
    return published


@pytest.mark.parametrize("hostile", [MARKUP], indirect=True)
@pytest.mark.parametrize("page", a_few_now(PAGES, *list(PAGES)[:5]))
def test_P35_nothing_becomes_markup(hostile: Settings, page: str) -> None:
    for app in _tabs(page):
        bodies = _bodies(app)
        assert [body[:80] for body in bodies if "<img" in body] == []
        said = " ".join(element.value for element in app.markdown)
        assert "](javascript:" not in said


@pytest.mark.parametrize("hostile", [FORMULA], indirect=True)
@pytest.mark.parametrize("page", ["data-quality", "crm-uploads", "partners"])
def test_P35_nothing_becomes_a_formula(hostile: Settings, page: str) -> None:
    cells = [
        cell
        for app in _tabs(page)
        for link in links(app)
        for row in csv.reader(fetch(link).text.splitlines())
        for cell in row
    ]
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))] == []
    assert page == "partners" or any(cell.startswith("'=HYPERLINK") for cell in cells)


def _tabs(page: str) -> list[AppTest]:
    first = open_page(page)
    return [first, *(open_page(page, tab=tab.label) for tab in first.tabs[1:])]


def _bodies(app: AppTest) -> list[str]:
    bodies = [element.value for element in app.html]
    for element in app.main:
        sent = str(getattr(getattr(element, "proto", None), "json", ""))
        if "data-pick" in sent:
            bodies.append(str(json.loads(sent)["html"]))
    return bodies


def test_the_texts_are_those_of_the_marts(published: Settings) -> None:
    """A mart that is renamed would be attacked no more."""
    snapshot: Path = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        rows = connection.execute("select table_name, column_name from duckdb_columns()").fetchall()
    known = {(table, column) for table, column in rows}
    assert {(mart, one) for mart, columns in TEXTS.items() for one in columns} <= known
