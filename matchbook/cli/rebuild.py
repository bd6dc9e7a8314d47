"""`matchbook rebuild`: the warehouse again, from the lake alone."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

from matchbook import runs
from matchbook.cli.app import App, command
from matchbook.cli.build import Build, Progress, run_dbt
from matchbook.cli.progress import counted
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse, run_lock


@command("rebuild", example="matchbook rebuild")
def rebuild(app: App) -> None:
    """Make the warehouse anew from the lake, then publish it.

    For a damaged or lost warehouse file. The old one stays in place until the new one is
    complete and its tests are green.
    """
    settings = app.settings
    with (
        run_lock(settings, command="matchbook rebuild"),
        runs.recorded(settings, "rebuild") as run,
        counted(app, "Rebuilding") as progress,
    ):
        loads, made = remake(settings, run, progress)
    app.emit(
        {"build_id": made.build_id, "loads": loads},
        f"Rebuilt from {loads:,} loads and published build {made.build_id}.",
    )


def remake(
    settings: Settings, run: runs.Recorder, progress: Progress, *, alone: bool = False
) -> tuple[int, Build]:
    """Build beside, swap, publish; how many loads, and the build. Under the caller's run lock.

    `alone`: nothing that was published before stays.
    """
    from matchbook.publishing import publish

    run.step("build")
    loads, made = _build_beside(settings, progress)
    run.step("swap")
    _swap(settings)
    run.step("publish")
    publish(settings, force=True, alone=alone)
    run.built(made.build_id)
    return loads, made


def _beside(settings: Settings) -> Settings:
    # Same file name, or views that name their own database would not survive the rename.
    return replace(settings, home=settings.home / "rebuild", state_url=settings.database_url)


def _build_beside(settings: Settings, progress: Progress) -> tuple[int, Build]:
    from ingest.landing import recover
    from matchbook.mirror import mirror
    from matchbook.mirror_files import write_mirror

    beside = _beside(settings)
    shutil.rmtree(beside.home, ignore_errors=True)
    with open_warehouse(settings, path=beside.warehouse) as connection:
        loads = recover(connection, settings)
        mirror(connection, settings)
        if settings.engine == "spark":
            write_mirror(connection, settings)
    # Spark's tables are made of the lake itself; readers keep their snapshots meanwhile.
    where = settings if settings.engine == "spark" else beside
    made = run_dbt(where, full_refresh=True, progress=progress)
    return loads, made


def _swap(settings: Settings) -> None:
    beside = _beside(settings)
    if settings.engine == "duckdb":
        shutil.rmtree(settings.builds, ignore_errors=True)
    settings.warehouse.with_name("warehouse.duckdb.wal").unlink(missing_ok=True)
    os.replace(beside.warehouse, settings.warehouse)
    if settings.engine == "duckdb":
        os.replace(beside.builds, settings.builds)
    shutil.rmtree(beside.home)
