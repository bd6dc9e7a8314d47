"""What a bare `dbt build` needs before its first connection: the folder and the run lock."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from matchbook.settings import Settings
from matchbook.warehouse import run_lock

_held_until_exit = ExitStack()


class Plugin(BasePlugin):
    """Makes the warehouse's folder and takes the lock that every writer takes."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        settings = Settings.from_environment()
        Path(settings.home).mkdir(parents=True, exist_ok=True)
        _held_until_exit.enter_context(run_lock(settings, command="dbt"))
