"""`matchbook doctor`: is this machine fit for the night?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import click

from matchbook import jobs, registry
from matchbook.cli import exposure, rotation
from matchbook.cli.app import App, command
from matchbook.errors import Busy, ConfigError, MatchbookError
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse, run_lock

Check = Callable[[Settings], str]

LEAST_DISK_GB = 2
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "streamlit")


@command("doctor", example="matchbook doctor")
def doctor(app: App) -> None:
    """Check Python, packages, keys, secrets, disk, lock, warehouse, registry and worker.

    Ends with exit code 78 when something needs a hand; each line says what.
    """
    settings = app.settings
    results = [_result(name, check, settings) for name, check in CHECKS.items()]
    lines = [f"{'ok  ' if r['ok'] else 'FAIL'}  {r['check']:<10} {r['says']}" for r in results]
    healthy = all(result["ok"] for result in results)
    app.emit({"healthy": healthy, "checks": results}, *lines)
    if not healthy:
        raise click.exceptions.Exit(ConfigError.exit_code)


def _result(name: str, check: Check, settings: Settings) -> dict[str, object]:
    try:
        return {"check": name, "ok": True, "says": check(settings)}
    except MatchbookError as error:
        return {"check": name, "ok": False, "says": str(error)}


def _python(_: Settings) -> str:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise ConfigError("Python is not 3.11, 3.12 or 3.13.", todo="Run: make clean setup")
    return ".".join(map(str, sys.version_info[:3]))


def _packages(_: Settings) -> str:
    try:
        found = [f"{name} {version(name)}" for name in PACKAGES]
    except PackageNotFoundError:
        raise ConfigError("A package is missing.", todo="Run: make setup") from None
    if not version("dbt-core").startswith("1.11.") or not version("duckdb").startswith("2.0."):
        raise ConfigError("Not the versions that were tried together.", todo="Run: make setup")
    return ", ".join(found)


def _home(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free / 1e9
    if free < LEAST_DISK_GB:
        raise ConfigError(f"Only {free:.1f} GB are free.", todo="Free disk space.")
    return f"{settings.home}, {free:,.0f} GB free"


def _keys(settings: Settings) -> str:
    found = load_keys(settings.keys)
    if rotation.is_unfinished(settings):
        raise ConfigError("A rotation of keys was cut short.", todo="Run: matchbook nightly")
    return f"{len(found.identifiers)} identifier key versions"


def _registry(settings: Settings) -> str:
    found = registry.current(settings)
    if not found.clients:
        return "empty; begin with: matchbook registry apply examples/registry.json"
    return f"{len(found.clients)} clients, {len(found.sites)} sites, {len(found.lists)} lists"


def _warehouse(settings: Settings) -> str:
    try:
        with run_lock(settings, command="matchbook doctor"), open_warehouse(settings) as connection:
            row = connection.execute("select count(*) from raw.loads").fetchone()
    except Busy as error:
        return error.happened
    return f"opens, {row[0] if row else 0:,} loads"


def _worker(settings: Settings) -> str:
    if jobs.worker_is_alive(settings):
        return "running"
    waiting = sum(job.status == "queued" for job in jobs.all_of(settings))
    if waiting:
        raise ConfigError(f"{waiting} jobs wait and no worker runs.", todo="Run: matchbook work")
    return "not running, and nothing waits for it"


CHECKS: dict[str, Check] = {
    "python": _python,
    "packages": _packages,
    "home": _home,
    "keys": _keys,
    "modes": exposure.permissions,
    "secrets": exposure.placeholders,
    "leaks": exposure.leaks,
    "registry": _registry,
    "warehouse": _warehouse,
    "worker": _worker,
}
