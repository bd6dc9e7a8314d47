"""Fixtures and rules that all tests share.

`needs(tool)` marks a test that wants something a machine may lack; such tests are skipped,
named at the end with the command that installs the tool, and fail CI.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from matchbook import snapshots, state
from matchbook.files import remove_tree
from matchbook.settings import Settings

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)

TESTS = Path(__file__).parent
SCRIPTS = TESTS.parent / "dashboard" / "components" / "crm_hasher"

POSTGRES = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")))[::-1]
"""Debian keeps servers of several versions apart; the newest first."""

TOOLS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "sshd": ("sshd", "/usr/sbin/sshd"),
    "nginx": ("nginx", "/usr/sbin/nginx"),
    "wrk": ("wrk",),
    "ip": ("ip", "/usr/sbin/ip"),
    "gpg": ("gpg",),
    "unzip": ("unzip",),
    "systemd": ("systemd-analyze",),
    "postgres": ("postgres", *POSTGRES),
    "esbuild": (str(SCRIPTS / "node_modules/.bin/esbuild"),),
}
"""What `needs` may name, and the programs any of which will do."""

MISSING = "This machine lacks "
NO_DATA = "MATCHBOOK_TEST_DATA is not set"

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("MATCHBOOK_") and name != "MATCHBOOK_TEST_DATA":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="module")
def _own_connections() -> Iterator[None]:
    """No test meets the state of another file's home, whichever of them ran in this process."""
    yield
    state.forget_connections()
    snapshots.forget_open()


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """Emptied after its test, as thousands of homes would fill memory; no other test gets it."""
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)
    tmp_path.mkdir(exist_ok=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty home, at a fixed moment."""
    return Settings(home=tmp_path, now=NOW)


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder in memory where the machine lets us: for many files, each synced to disk."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def memory_path() -> Iterator[Path]:
    """As `tmp_path`, but in memory."""
    with folder_in_memory() as folder:
        yield folder


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public data sets; tests that want it are skipped where it is not."""
    folder = os.environ.get("MATCHBOOK_TEST_DATA")
    if not folder:
        pytest.skip(f"{NO_DATA}: point it at the folder of public data sets")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def demo_eve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo on the eve of its last night; shared by all workers, so never written."""
    from tests.demo_home import make_eve

    def make(eve: Path) -> None:
        make_eve(_lived_in(eve))
        shutil.copytree(_lived_in(eve), eve)

    return _shared(tmp_path_factory, "eve", make)


@pytest.fixture(scope="session")
def demo_world(tmp_path_factory: pytest.TempPathFactory, demo_eve: Path) -> Path:
    """The same home after its last night; never written either."""
    from tests.demo_home import run_last_night

    def make(world: Path) -> None:
        result = run_last_night(_lived_in(world))
        assert result.returncode == 0, result.stderr[-3000:]
        shutil.copytree(_lived_in(world), world)
        (world / "told.json").write_text(result.stdout)

    return _shared(tmp_path_factory, "world", make)


@pytest.fixture
def demo_home(demo_world: Path, tmp_path: Path) -> Path:
    """A copy of the small demo's home that a test may change."""
    return Path(shutil.copytree(demo_world, tmp_path / "home"))


@pytest.fixture
def building_home(demo_world: Path) -> Iterator[Path]:
    """A copy at the place where the demo was built: for tests that build, one at a time."""
    with _moved_in(demo_world) as home:
        yield home


@pytest.fixture
def building_eve(demo_world: Path, demo_eve: Path) -> Iterator[Path]:
    """The same on the eve of the last night."""
    with _moved_in(demo_eve) as home:
        yield home


@contextmanager
def _moved_in(copy: Path) -> Iterator[Path]:
    home = _lived_in(copy)
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state.forget_connections()  # of an earlier test: to the file that goes now
        remove_tree(home)
        shutil.copytree(copy, home)
        yield home


def _lived_in(copy: Path) -> Path:
    """Where dbt has run: at any other place it would parse the whole project again."""
    return copy.with_name("demo")


def _shared(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """Made once per session, by the first worker that asks."""
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    home, complete = base / name, base / f"{name}.complete"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            make(home)
            complete.touch()
    return home


def pytest_make_parametrize_id(val: object) -> str | None:
    """A file's bytes are no name, nor is their number: packed ones hold the moment of packing."""
    return "bytes" if isinstance(val, bytes) and len(val) > 40 else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a fixture of their file run on one worker, which makes it once."""
    for item in items:
        if not item.get_closest_marker("xdist_group") and _shares_with_its_file(item):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(TESTS))))


def _shares_with_its_file(item: pytest.Item) -> bool:
    fixtures = getattr(item, "_fixtureinfo", None)
    made = fixtures.name2fixturedefs.values() if fixtures else ()
    return any(definitions[-1].scope == "module" for definitions in made)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what the machine cannot run."""
    for mark in item.iter_markers("needs"):
        tool = mark.args[0]
        if not any(shutil.which(program) for program in TOOLS[tool]):
            pytest.skip(f"{MISSING}{tool}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that did not run, one line each, with what would make them run."""
    for node, reason in _not_run(terminalreporter):
        remedy = "make setup-full" if reason.startswith(MISSING) else "see README, Tests"
        terminalreporter.write_line(f"not run: {node} ({reason}; {remedy})")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI every test runs: a missing tool is a failure there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    if any(reason.startswith(MISSING) for _, reason in _not_run(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _not_run(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        reason = reason.removeprefix("Skipped: ")
        if reason.startswith((MISSING, NO_DATA)):
            yield report.nodeid, reason
