"""What dbt says of its newest build: tests, times, and which table is made from which."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from matchbook.settings import Settings

LAYERS = ("raw", "staging", "intermediate", "marts", "exports", "exposure")
GOOD = ("success", "pass", "no-op")
LAW = re.compile(r"-- Law[^:]*:\s*(.*(?:\n-- .*)*)")


@dataclass(frozen=True)
class Node:
    """One table, or whoever reads the last ones; `seconds` is None when it was not built."""

    name: str
    layer: str
    description: str
    parents: tuple[str, ...]
    status: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Test:
    """One rule and how it ended; `failures` counts the rows that break it."""

    name: str
    of: str
    rule: str
    status: str
    failures: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether nothing broke it."""
        return self.status in GOOD


@dataclass(frozen=True)
class Project:
    """The newest build; tables by name."""

    ended_at: datetime
    seconds: float
    nodes: dict[str, Node]
    tests: tuple[Test, ...]

    def children(self, name: str) -> list[Node]:
        """What is made from a table."""
        return [node for node in self.nodes.values() if name in node.parents]

    def parents(self, name: str) -> list[Node]:
        """What a table is made from."""
        return [self.nodes[one] for one in self.nodes[name].parents if one in self.nodes]


def project(settings: Settings) -> Project | None:
    """As dbt's artifacts have it; None where nothing was built or they are damaged."""
    files = [settings.builds / name for name in ("manifest.json", "run_results.json")]
    try:
        stamps = tuple(path.stat().st_mtime_ns for path in files)
        return _read(files[0], files[1], stamps)
    except (OSError, ValueError, KeyError):
        return None


@lru_cache(maxsize=2)
def _read(manifest_path: Path, results_path: Path, _stamps: tuple[int, ...]) -> Project:
    manifest, results = (json.loads(path.read_text()) for path in (manifest_path, results_path))
    ran = {row["unique_id"]: row for row in results["results"]}
    everything = {
        **manifest["nodes"],
        **manifest.get("sources", {}),
        **manifest.get("exposures", {}),
    }
    stamp = results["metadata"]["generated_at"].replace("Z", "+00:00")
    return Project(
        ended_at=datetime.fromisoformat(stamp).replace(tzinfo=None),
        seconds=float(results.get("elapsed_time") or 0),
        nodes={
            node.name: node
            for unique_id, found in everything.items()
            if found["resource_type"] in ("model", "source", "exposure")
            for node in [_node(found, ran.get(unique_id, {}), everything)]
        },
        tests=tuple(
            _test(everything[unique_id], row)
            for unique_id, row in ran.items()
            if unique_id in everything and everything[unique_id]["resource_type"] == "test"
        ),
    )


def _node(found: dict[str, Any], row: dict[str, Any], everything: dict[str, Any]) -> Node:
    parents = found.get("depends_on", {}).get("nodes", [])
    kind = found["resource_type"]
    return Node(
        name=_name(found),
        layer={"source": "raw", "exposure": "exposure"}.get(kind, str(found.get("schema", ""))),
        description=" ".join(str(found.get("description", "")).split()),
        parents=tuple(_name(everything[one]) for one in parents if one in everything),
        status=str(row.get("status", "")),
        seconds=row.get("execution_time") if kind == "model" else None,
    )


def _name(found: dict[str, Any]) -> str:
    if found["resource_type"] == "source":
        return f"raw.{found['name']}"
    return str(found.get("alias") or found["name"])


def _test(found: dict[str, Any], row: dict[str, Any]) -> Test:
    of = str(found.get("attached_node") or "").split(".")[-1]
    name = found["name"].removeprefix(f"{of}__")
    law = LAW.search(found.get("raw_code") or "")
    told = " ".join(law[1].replace("\n-- ", " ").split()) if law else name.replace("_", " ")
    return Test(
        name=found["name"],
        of=of,
        rule=told[:1].upper() + told[1:],
        status=str(row["status"]),
        failures=int(row.get("failures") or 0),
        seconds=float(row.get("execution_time") or 0),
    )
