"""The step of a night that removes what has been kept long enough (`matchbook.retention`)."""

from __future__ import annotations

from collections.abc import Callable

from matchbook import retention, runs
from matchbook.cli import inputs
from matchbook.cli.erasing import remade
from matchbook.settings import Settings

Say = Callable[[str], None]


def forget_old(settings: Settings, run: runs.Recorder, *, say: Say = lambda _: None) -> int:
    """Remove it, under the caller's run lock; how many rows of state and files went.

    Rows of the lake go a month's at once: the warehouse is made anew without them.
    """
    from ingest import retention as landed

    run.step("retention")
    gone = retention.forget_old_rows(settings) + landed.forget_refused(settings)
    if landed.rows_are_due(settings):
        say("Removing what has been kept long enough")
        gone += landed.forget_old_rows(settings)
        made = remade(settings, run, say)
        inputs.remember(settings, inputs.current(settings), made.invocation_id)
        landed.done(settings)
    return gone
