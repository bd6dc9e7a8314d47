"""The tab *Tests and lineage*: the rules of the newest build, and what is made from what."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.filters import choose
from dashboard.components.empty import Button, empty_state
from dashboard.components.lineage import Table, lineage
from dashboard.components.markup import heading, note, prose
from dashboard.components.notice import notice
from dashboard.components.table import number, table, text
from dashboard.components.tile import Tile, tiles
from dashboard.queries.dbt_project import Node, Project, project
from dashboard.queries.reading import View

TABLE = "table"
FIRST = "match_rates"
STATES = {"pass": "Holds", "fail": "Broken", "error": "Could not be asked", "warn": "Warned",
          "skipped": "Not asked: a table before it failed"}  # fmt: skip


def tests_and_lineage(view: View) -> None:
    """From dbt's own artifacts of the newest build, be it published or not."""
    found = project(view.settings)
    if found is None:
        empty_state(
            "No build's records are here.",
            "The rules that every build is tested by, and which table is made from which, stand "
            "here after the next night.",
            Button("See when nights ran", sets={"tab": "Run times"}),
        )
        return
    _tests(view, found)
    _lineage(found)


def _tests(view: View, found: Project) -> None:
    broken = [test for test in found.tests if not test.is_good]
    at = formats.moment(found.ended_at, view.client.time_zone)
    held = len(found.tests) - len(broken)
    tiles([Tile("Rules that hold", f"{formats.count(held)} of {formats.count(len(found.tests))}",
                f"asked of the whole warehouse by the build of {at}; a build that breaks one "
                "is not published")])  # fmt: skip
    for test in broken:
        rows = f" {formats.plural(test.failures, 'row')} break it." if test.failures else ""
        notice("error", f"{test.rule}.", f"{STATES.get(test.status, test.status)}.{rows}")
    heading("Tests", "Each is a sentence about the numbers; the laws hold between tables.")
    ordered = sorted(found.tests, key=lambda test: (test.is_good, test.of, test.name))
    frame = pd.DataFrame([vars(test) for test in ordered])
    columns = (
        text("Rule", "rule"),
        text("Table", "of", lambda name: name or "several"),
        text("State", "status", lambda code: STATES.get(code, code)),
        number("Rows that break it", "failures"),
    )
    table(view, frame, columns, file_name="tests", is_tall=True)


def _lineage(found: Project) -> None:
    heading("Lineage", "What a table is made from, and what is made from it. Press one to go on.")
    names = sorted(found.nodes, key=lambda name: (name != FIRST, name))
    with st.columns([3, 4])[0]:
        name = choose("Table", {one: one for one in names}, key=TABLE)
    node = found.nodes[name]
    prose(node.description)
    lineage(
        [_told(one) for one in found.parents(name)],
        _told(node),
        [_told(one) for one in found.children(name)],
        key="lineage",
        on_pick=_choose,
    )
    note("Lines and uploads come in as raw; staging names them, marts are what the pages read.")


def _told(node: Node) -> Table:
    seconds = "" if node.seconds is None else f"{formats.decimals(node.seconds)} s"
    is_bad = node.status in ("error", "fail", "skipped")
    return Table(node.name, node.layer, seconds, is_bad)


def _choose(name: str) -> None:
    st.session_state[TABLE] = name
