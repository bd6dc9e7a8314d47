"""Which of Spark's tables stand whole: what a killed build left of the others goes before the next.

Spark makes no table where a folder stands already, and only its catalogue knows whose folder it is.
So each build notes, table by table, what it is about to make and what it has made.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

from matchbook.files import write_whole
from matchbook.settings import Settings


class WholeTables:
    """The note of one home, kept while dbt runs."""

    def __init__(self, settings: Settings, *, full_refresh: bool) -> None:
        self._folder = settings.spark_tables
        self._note = settings.spark_tables.parent / "whole.json"
        self._anew = ("table", "incremental") if full_refresh else ("table",)
        self._whole = set(json.loads(self._note.read_text())) if self._note.exists() else set()

    def remove_others(self) -> None:
        """Take away the folders of tables that a build began and did not end."""
        for folder in self._folder.glob("*.db/*"):
            if f"{folder.parent.name}/{folder.name}" not in self._whole:
                shutil.rmtree(folder)

    def watch(self, event: Any) -> None:
        """A callback for dbt: days of a table that stands are replaced by Spark in one step."""
        if event.info.name not in ("NodeStart", "NodeFinished"):
            return
        node = event.data.node_info
        if node.resource_type != "model" or node.materialized not in ("table", "incremental"):
            return
        table = f"{node.node_relation.schema}.db/{node.node_relation.alias}"
        if event.info.name == "NodeFinished" and node.node_status == "success":
            self._whole.add(table)
        elif event.info.name == "NodeStart" and node.materialized in self._anew:
            self._whole.discard(table)
        write_whole(self._note, json.dumps(sorted(self._whole)))
