"""A warehouse with keys and the shortest way to land pixel log lines in it, for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb

from ingest.landing import LoadResult
from ingest.pixel_logs import land_pixel_log
from matchbook.keys import Keys, load_keys
from matchbook.registry import Registry
from matchbook.settings import Settings
from tests.pixel_lines import (
    REGISTRY,
    SNOWPLOW_ID,
    combined,
    cookie,
    visitor,
)

HASH = "ab" * 32


class Desk:
    """A warehouse with keys, and the shortest way to land lines in it."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        registry: Registry = REGISTRY,
    ) -> None:
        self.connection = connection
        self.settings = settings
        self.registry = registry
        self.keys: Keys = load_keys(settings.keys)
        self.cookie = cookie(self.keys)

    def land(self, *lines: str, name: str = "a.log", host: str | None = None) -> LoadResult:
        text = "".join(line + "\n" for line in lines)
        return self.land_bytes(text.encode("utf-8", "surrogateescape"), name=name, host=host)

    def land_bytes(self, content: bytes, *, name: str = "a.log", host: str | None = None):
        path = self.settings.home / name
        path.write_bytes(content)
        result = land_pixel_log(
            self.connection, self.settings, path, registry=self.registry, keys=self.keys, host=host
        )
        parts = (result.accepted, result.untracked, result.quarantined, result.duplicate)
        assert result.lines == sum(parts) + result.not_ours
        return result

    def ours(self, url: str, **more: object) -> str:
        return combined(url, **({"cookie": self.cookie} | more))  # type: ignore[arg-type]

    def outcome(self, line: str, *, host: str | None = None) -> tuple[str, str | None]:
        seq = self.land(line, host=host).load_seq
        ((outcome, reason),) = self.rows(
            f"select outcome, reason from raw.line_outcomes where load_seq = {seq}"
        )
        return outcome, reason

    def hit(self, line: str, columns: str, *, host: str | None = None) -> tuple:
        seq = self.land(line, host=host).load_seq
        ((*row,),) = self.rows(f"select {columns} from raw.hits where load_seq = {seq}")
        return tuple(row)

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()


def json_line(**fields: object) -> str:
    line = {
        "time": "2026-11-20T10:05:03+00:00", "host": "px.acme.example", "method": "GET",
        "status": 200, "referrer": "", "user_agent": "Mozilla/5.0", "remote_addr": "203.0.113.9",
        "cookie": "", "sec_gpc": "", "purpose": "",
    }  # fmt: skip
    return json.dumps(line | fields)


def segment(**fields: object) -> str:
    line = {
        "mb": 1, "hit_id": "a" * 32, "at": "2026-11-20T10:05:03Z", "host": "px.acme.example",
        "type": "sync", "site": "shop", "partner": "snowplow", "cookieid": SNOWPLOW_ID,
        "visitor": visitor(1), "identifiers": [], "device": "mobile", "browser": "Firefox",
        "os": "Android", "ip_prefix": "203.0.113.0/24", "decision": "tracked",
        "basis": "declared", "reason": None, "bot": False, "prefetch": False,
    }  # fmt: skip
    return json.dumps(line | fields)


MEASURED = """
import sys
from pathlib import Path
from tests.memory import peak_mib
from tests.pixel_lines import REGISTRY
from ingest.pixel_logs import land_pixel_log
from matchbook.clock import parse_moment
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
settings = Settings(home=Path(sys.argv[1]), now=parse_moment("2026-11-21T03:10:00Z"))
with open_warehouse(settings) as connection:
    result = land_pixel_log(connection, settings, Path(sys.argv[2]), registry=REGISTRY,
        keys=load_keys(settings.keys))
peak = peak_mib()
print(result.lines, result.accepted, result.quarantined, peak)
"""


def landed_elsewhere(settings: Settings, path: Path, **environment: str):
    return subprocess.run(
        [sys.executable, "-c", MEASURED, str(settings.home), str(path)],
        capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"} | environment, check=False,
    )  # fmt: skip
