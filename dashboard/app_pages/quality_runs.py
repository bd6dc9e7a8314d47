"""The tab *Run times*: when nights ran, how they ended, and what took longest in the build."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard import formats
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading
from dashboard.components.table import Column, number, table, text
from dashboard.components.tile import Tile, tiles
from dashboard.queries.dbt_project import Project, project
from dashboard.queries.reading import View
from matchbook import runs
from matchbook.runs import Run
from matchbook.stage_times import StageTime, stage_times

SHOWN, SLOWEST = 30, 15
STATES = {"done": "OK", "failed": "Failed", "running": "Running"}


def run_times(view: View) -> None:
    """Of this instance: a night is every client's."""
    found = project(view.settings)
    if found:
        _build(view, found)
    timed = stage_times(view.settings, runs=SHOWN)
    if timed:
        _stages(view, timed)
    ran = runs.latest(view.settings, limit=SHOWN)
    heading("Nights and other runs", "Newest first.")
    if not ran:
        empty_state(
            "No night has run here.",
            "Each run stands here with its end and, if it failed, the step it failed at.",
            Button("See what landed", sets={"tab": "Loads"}),
        )
        return
    _runs(view, ran, timed)


def _stages(view: View, timed: Sequence[StageTime]) -> None:
    """Of the newest night, beside what each stage usually takes."""
    frame = pd.DataFrame([vars(one) for one in timed])
    usual = frame.groupby("stage")["seconds"].median()
    newest = frame[frame["run_id"] == frame["run_id"].max()]
    newest = newest.assign(usual=newest["stage"].map(usual))
    heading("Stages of the newest night", "Beside what each usually took: the median of 30 nights.")
    columns = (
        text("Stage", "stage", str.capitalize),
        number("Took", "seconds", formats.duration),
        number("Usually", "usual", formats.duration),
        number("Processor", "cpu_seconds", formats.duration),
        number("Rows", "rows"),
        number("Written", "bytes", formats.size),
    )
    table(view, newest, columns, file_name="stages")


def _runs(view: View, ran: list[Run], timed: Sequence[StageTime]) -> None:
    zone = view.client.time_zone
    took = pd.Series({one.run_id: 0.0 for one in timed}, dtype=float)
    for one in timed:
        took[one.run_id] += one.seconds
    frame = pd.DataFrame([vars(run) for run in ran])
    frame["seconds"] = frame["run_id"].map(took)
    columns = (
        text("Began", "started_at", lambda at: formats.moment(at, zone)),
        text("Run", "command"),
        text("How it ended", "status", lambda code: STATES.get(code, code)),
        Column("Last step", lambda row: row["step"] or formats.NOTHING),
        Column("Took", _took, is_number=True),
        Column("What happened", lambda row: row["message"] or ""),
    )
    table(view, frame, columns, file_name="runs", is_tall=len(frame) > 15)


def _took(row: pd.Series) -> str:
    if not pd.isna(row["seconds"]):
        return formats.duration(row["seconds"])
    if pd.isna(row["ended_at"]):
        return formats.NOTHING
    return formats.duration((row["ended_at"] - row["started_at"]).total_seconds())


def _build(view: View, found: Project) -> None:
    built = [node for node in found.nodes.values() if node.seconds is not None]
    slowest = sorted(built, key=lambda node: -(node.seconds or 0))[:SLOWEST]
    at = formats.moment(found.ended_at, view.client.time_zone)
    tiles([
        Tile("Newest build", formats.duration(found.seconds), f"ended {at}"),
        Tile("Tables", formats.count(len(built)),
             f"{formats.duration(sum(node.seconds or 0 for node in built))} together"),
        Tile("Tests", formats.count(len(found.tests)),
             f"{formats.duration(sum(test.seconds for test in found.tests))} together"),
    ])  # fmt: skip
    heading("What takes longest in a build")
    columns = (
        text("Table", "name"),
        text("Layer", "layer"),
        number("Seconds", "seconds", formats.decimals),
    )
    table(view, pd.DataFrame([vars(node) for node in slowest]), columns, file_name="slowest-tables")
