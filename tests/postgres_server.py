"""A real PostgreSQL in a folder of its own, on a Unix socket only, never as root.

`pytest -p tests.postgres_server …` runs tests with it in the place of every home's SQLite file.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from matchbook import state
from matchbook.settings import Settings
from tests.conftest import TOOLS

_OPTIONS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=16MB",
            "max_connections=60", "log_min_messages=error", "autovacuum=off")  # fmt: skip


class Server:
    """One server; a database of it is made in a moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = next(filter(None, map(shutil.which, TOOLS["postgres"])), "postgres")
        self._account = _account()
        self._made: set[str] = set()
        if self._account:
            os.chown(folder, self._account["user"], self._account["group"])
        initdb = [Path(self._program).with_name("initdb"), "--no-sync", "--auth=trust",
                  "--username=tester", "--encoding=UTF8", "--locale=C"]  # fmt: skip
        subprocess.run([*initdb, "--pgdata", self._data], check=True, capture_output=True,
                       cwd=folder, **self._account)  # fmt: skip
        self.start()

    def url(self, name: str) -> str:
        """Of the database of this name, which is empty at first."""
        if name not in self._made:
            self._made.add(name)
            engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(sa.text(f"create database {name}"))
            engine.dispose()
        return self._url(name)

    def start(self) -> None:
        options = [part for option in _OPTIONS for part in ("-c", option)]
        command = [self._program, "-D", self._data, "-k", self._folder, *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self._folder, **self._account
            )
        deadline = time.monotonic() + 20
        while not self._is_up():
            is_well = self._process.poll() is None and time.monotonic() < deadline
            assert is_well, (self._folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, whoever is connected."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _is_up(self) -> bool:
        engine = sa.create_engine(self._url("postgres"))
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            return False
        return True

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://tester@/{name}?host={self._folder}"


@contextmanager
def running() -> Iterator[Server]:
    """A server for the block; nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        server = Server(folder)
        try:
            yield server
        finally:
            state.forget_connections()
            server.stop()
    finally:
        shutil.rmtree(folder)


def _account() -> dict[str, Any]:
    """Whose a server of root's tests is; empty where we are somebody ourselves."""
    if os.geteuid():
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


_until_the_end = ExitStack()


def pytest_sessionstart(session: pytest.Session) -> None:
    """As a plugin: a home's state is a database named by the home."""
    server = _until_the_end.enter_context(running())

    def database_url(settings: Settings) -> str:
        name = "home_" + hashlib.sha256(str(settings.home).encode()).hexdigest()[:16]
        return settings.state_url or server.url(name)

    Settings.database_url = property(database_url)  # type: ignore[method-assign,assignment]


@pytest.fixture(autouse=True)
def _few_connections() -> Iterator[None]:
    yield
    state.forget_connections()


def pytest_sessionfinish(session: pytest.Session) -> None:
    _until_the_end.close()
