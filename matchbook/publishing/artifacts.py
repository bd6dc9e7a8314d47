"""dbt's artifacts: was the newest build green and whole, and what do its marts mean.

Whole means that every model and every data test of the project has a good result in one and
the same invocation; a `dbt run` or a selection proves nothing about the other tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from matchbook.errors import BuildFailed
from matchbook.settings import Settings

GOOD = frozenset({"success", "pass", "warn", "no-op"})
"""dbt's result states that do not stand in the way of publishing."""

MARTS = "marts"


@dataclass(frozen=True)
class Mart:
    """One published table with its dbt descriptions."""

    name: str
    description: str
    columns: dict[str, str]


@dataclass(frozen=True)
class DbtBuild:
    """The newest dbt invocation and the marts of its project."""

    invocation_id: str
    generated_at: datetime
    marts: tuple[Mart, ...]


def green_build(settings: Settings) -> DbtBuild:
    """The newest build. Raises BuildFailed unless it was a whole `dbt build` without a failure."""
    manifest, results = _artifact(settings, "manifest"), _artifact(settings, "run_results")
    if manifest is None or results is None:
        raise _refused("No build has been made yet.")
    arguments = results.get("args", {})
    if arguments.get("which") != "build" or arguments.get("empty"):
        raise _refused("The last dbt command was not a build of everything.")
    states = {row["unique_id"]: row["status"] for row in results["results"]}
    if failed := [node for node, state in states.items() if state not in GOOD]:
        raise _refused(f"The last build failed in {_names(failed)}.")
    if missing := [node for node in _expected(manifest) if node not in states]:
        raise _refused(f"The last build left out {_names(missing)}.")
    return DbtBuild(
        invocation_id=results["metadata"]["invocation_id"],
        generated_at=_moment(results["metadata"]["generated_at"]),
        marts=_marts(manifest),
    )


def newest_build_at(settings: Settings) -> tuple[str, datetime] | None:
    """Invocation id and end of the newest `dbt build` or `dbt run`, green or not."""
    results = _artifact(settings, "run_results")
    if results is None or results.get("args", {}).get("which") not in ("build", "run"):
        return None
    metadata = results["metadata"]
    return metadata["invocation_id"], _moment(metadata["generated_at"])


def _artifact(settings: Settings, name: str) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads((settings.builds / f"{name}.json").read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        raise _refused(f"dbt's {name}.json is damaged.") from None
    return document


def _expected(manifest: dict[str, Any]) -> list[str]:
    return sorted(
        node_id
        for node_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "test")
        and node.get("config", {}).get("materialized") != "ephemeral"
    )


def _marts(manifest: dict[str, Any]) -> tuple[Mart, ...]:
    nodes = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    return tuple(
        Mart(
            name=node.get("alias") or node["name"],
            description=node.get("description", "").strip(),
            columns={c["name"]: c.get("description", "").strip() for c in node["columns"].values()},
        )
        for node in sorted(nodes, key=lambda node: str(node["name"]))
        if node["schema"] == MARTS
    )


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(UTC)


def _names(node_ids: list[str]) -> str:
    shown = [node_id.split(".")[2] for node_id in sorted(node_ids)[:3]]
    more = f" and {len(node_ids) - 3} more" if len(node_ids) > 3 else ""
    return ", ".join(shown) + more


def _refused(happened: str) -> BuildFailed:
    return BuildFailed(
        happened,
        kept="Nothing was published; readers keep the snapshot they have.",
        todo="Run: matchbook build. If it fails, correct the model or test it names.",
    )
