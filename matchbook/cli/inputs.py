"""Whether anything has changed since the newest build; if not, there is nothing to build.

A build follows from the loads, the registry, the suppressions and the models alone. What
was delivered since is left out: it enters with the next load, so that a night that was cut
short in delivering ends exactly as it would have.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchbook import partners, registry, state
from matchbook.files import write_whole
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

NAME = "inputs.json"


Inputs = dict[str, Any]


def current(settings: Settings) -> Inputs:
    """What a build that begins now is made of."""
    document = registry.current(settings).model_dump_json()
    return {
        "load_seq": _newest_load(settings),
        "registry": hashlib.sha256(document.encode()).hexdigest(),
        "suppressions": _suppressions(settings),
        "models": _digest(settings.dbt_project, partners.FOLDER),
    }


def are_built(settings: Settings, inputs: Inputs) -> bool:
    """Whether the newest build is green and was made of these inputs."""
    results, remembered = settings.builds / "run_results.json", settings.builds / NAME
    if not (results.exists() and remembered.exists() and settings.warehouse.exists()):
        return False
    newest = json.loads(results.read_text())["metadata"]["invocation_id"]
    return bool(json.loads(remembered.read_text()) == _noted(inputs, newest))


def remember(settings: Settings, inputs: Inputs, invocation_id: str) -> None:
    """Note what a green build was made of, as it was when the build began."""
    write_whole(settings.builds / NAME, json.dumps(_noted(inputs, invocation_id)))


def _noted(inputs: Inputs, invocation_id: str) -> Inputs:
    return inputs | {"invocation_id": invocation_id}


def _newest_load(settings: Settings) -> int:
    with open_warehouse(settings) as connection:
        row = connection.execute("select coalesce(max(load_seq), 0) from raw.loads").fetchone()
    return int(row[0]) if row else 0


def _suppressions(settings: Settings) -> list[int]:
    table = state.suppressions
    query = sa.select(
        sa.func.count(), sa.func.coalesce(sa.func.max(table.c.suppression_id), 0)
    ).select_from(table)
    with state.begin(settings) as connection:
        return [int(value) for value in connection.execute(query).one()]


def _digest(*folders: Path) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".sql", ".yml", ".py") and path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
