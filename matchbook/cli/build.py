"""`matchbook build`: dbt in this process, the only place that calls it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

import click

from matchbook import runs
from matchbook.cli.app import App, command
from matchbook.cli.progress import counted
from matchbook.cli.spark_tables import WholeTables
from matchbook.clock import parse_moment_or_day_end, utc_naive
from matchbook.errors import BuildFailed, ConfigError
from matchbook.failpoints import failpoint
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse, run_lock

Progress = Callable[[int, int], None]
"""Called with how many models and tests are done, and how many there are."""

BROKEN = ("error", "fail", "runtime error")


@dataclass(frozen=True)
class Build:
    """What a green build made."""

    build_id: str
    invocation_id: str
    nodes: int
    seconds: float


@command("build", example="matchbook build")
@click.option(
    "--as-of",
    help="Count as of this moment, or the end of this day, instead of the newest load's or "
    "opt-out's. Calls count by whole UTC days.",
)
@click.option("--full-refresh", is_flag=True, help="Rebuild the tables that grow day by day too.")
def build(app: App, as_of: str | None, full_refresh: bool) -> None:
    """Turn what has landed into matches, rates and exports (dbt build).

    Readers keep the last published snapshot until `matchbook publish`.
    """
    settings = app.settings
    with (
        run_lock(settings, command="matchbook build"),
        runs.recorded(settings, "build") as run,
        counted(app, "Building") as progress,
    ):
        mirror_into_warehouse(settings)
        made = run_dbt(settings, as_of=as_of, full_refresh=full_refresh, progress=progress)
        run.built(made.build_id)
    app.emit(asdict(made), f"Built {made.build_id}: {made.nodes} models and tests passed.")


def mirror_into_warehouse(settings: Settings) -> None:
    """Bring what models need of the registry and state into the warehouse."""
    from matchbook.mirror import mirror
    from matchbook.mirror_files import write_mirror

    with open_warehouse(settings) as connection:
        mirror(connection, settings)
        if settings.engine == "spark":
            write_mirror(connection, settings)


def run_dbt(
    settings: Settings,
    *,
    as_of: str | None = None,
    full_refresh: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Run `dbt build` against the warehouse of `settings`, whose run lock the caller holds.

    Raises BuildFailed naming the models and tests that failed.
    """
    from dbt.cli.main import dbtRunner

    failpoint("build.before_dbt")
    arguments = ["build", "--log-level", "none"]
    arguments += ["--project-dir", str(settings.dbt_project)]
    arguments += ["--profiles-dir", str(settings.dbt_project)]
    arguments += ["--log-path", str(settings.builds)]  # the program's folder may be read-only
    if settings.engine == "spark":
        _check_spark()
        arguments += ["--target", "spark", "--target-path", str(settings.builds)]
        # They test the SQL, on made rows: DuckDB's builds do that, in a hundredth of the time.
        arguments += ["--exclude", "test_type:unit"]
    if as_of is not None:
        moment = utc_naive(parse_moment_or_day_end(as_of)).isoformat(sep=" ")
        arguments += ["--vars", json.dumps({"as_of": moment})]
    if full_refresh:
        arguments.append("--full-refresh")
    watchers = [_watcher(progress)]
    if settings.engine == "spark":
        tables = WholeTables(settings, full_refresh=full_refresh)
        tables.remove_others()
        watchers.append(tables.watch)
    with _environment(settings):
        try:
            outcome = dbtRunner(callbacks=watchers).invoke(arguments)
        finally:
            if settings.engine == "duckdb":
                _close_connection()
    if not outcome.success:
        raise _failure(outcome)
    failpoint("build.after_dbt")
    return _read(settings)


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    # dbt's profile and its plugin read these; the caller's own are put back afterwards.
    names = {"MATCHBOOK_HOME": str(settings.home), "MATCHBOOK_RUN_LOCK": str(settings.home)}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        with chdir(settings.dbt_project):  # the profile names its plugin's folder from there
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _check_spark() -> None:
    if find_spec("dbt.adapters.spark") is None or find_spec("pyspark") is None:
        raise ConfigError(
            "Spark is not installed.",
            kept="Nothing was built.",
            todo="Run: pip install '.[spark]', with Java 17, or leave MATCHBOOK_ENGINE out.",
        )


def _close_connection() -> None:
    # dbt keeps the file open until the process ends, and publishing attaches it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _watcher(progress: Progress | None) -> Callable[[Any], None]:
    counts = {"done": 0, "total": 0}

    def watch(event: Any) -> None:
        if event.info.name == "LogStartLine":
            counts["total"] = event.data.total
        elif event.info.name == "NodeFinished":
            counts["done"] += 1
        else:
            return
        if progress is not None:
            progress(counts["done"], max(counts.values()))

    return watch


def _failure(outcome: Any) -> BuildFailed:
    results = getattr(outcome.result, "results", None) or []
    broken = sorted(r.node.name for r in results if str(r.status) in BROKEN)
    if not broken:
        broken = [f"dbt could not start ({_reason(outcome.exception)})"]
    more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
    return BuildFailed(
        f"The build failed: {', '.join(broken[:5])}{more}.",
        kept="Nothing was published; pages and partners keep the last good build.",
        todo="See why with: cd dbt_project && dbt build",
    )


def _reason(error: BaseException | None) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}"
    return type(error).__name__ if error else "an unknown reason"


def newest_build_id(settings: Settings) -> str:
    """The name of the build in the warehouse; empty when nothing has landed."""
    if settings.engine == "spark":
        from matchbook.publishing.source import open_built

        with open_built(settings) as connection:
            row = connection.execute("select build_id from warehouse.marts.build").fetchone()
    else:
        with open_warehouse(settings) as connection:
            row = connection.execute("select build_id from marts.build").fetchone()
    return str(row[0]) if row else ""


def _read(settings: Settings) -> Build:
    results = json.loads((settings.builds / "run_results.json").read_text())
    return Build(
        build_id=newest_build_id(settings),
        invocation_id=str(results["metadata"]["invocation_id"]),
        nodes=len(results["results"]),
        seconds=round(float(results["elapsed_time"]), 2),
    )
