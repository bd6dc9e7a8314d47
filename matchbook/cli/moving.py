"""`matchbook move-state`: from the SQLite file of a home into PostgreSQL."""

from __future__ import annotations

from matchbook.cli.app import App, command
from matchbook.cli.work import worker_lock
from matchbook.warehouse import run_lock


@command("move-state", example="MATCHBOOK_STATE_URL=postgresql://… matchbook move-state")
def move_state(app: App) -> None:
    """Copy the state of this home into the PostgreSQL that MATCHBOOK_STATE_URL names.

    Stop the dashboard, workers and collectors first. The file is kept as state.moved.sqlite;
    from then on every process needs the URL.
    """
    from matchbook.moving import move_state

    settings = app.settings
    with worker_lock(settings), run_lock(settings, command="matchbook move-state"):
        moved = move_state(settings)
    app.emit({"rows": moved}, f"Moved {sum(moved.values()):,} rows in {len(moved)} tables.")
