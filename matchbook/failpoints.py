"""Named places where a test can kill the process, to prove that a rerun completes it."""

from __future__ import annotations

import os
import signal

FAILPOINTS = (
    "landing.lake_written",
    "landing.before_commit",
    "landing.after_commit",
    "landing.original_removed",
    "mirror.before_commit",
    "build.before_dbt",
    "build.after_dbt",
    "publish.snapshot_written",
    "publish.history_written",
    "publish.outbox_written",
    "publish.before_swap",
    "publish.after_swap",
    "deliver.planned",
    "deliver.file_part_written",
    "deliver.file_renamed",
    "deliver.partner_files_written",
    "deliver.manifest_written",
    "deliver.holdings_written",
    "deliver.confirmed",
)
"""All that a night without storage locations passes; a test fails if one is never reached."""

STORAGE_FAILPOINTS = (
    "storage.copied",
    "storage.in_inbox",
    "storage.noted",
    "storage.outcome_noted",
    "storage.source_removed",
)
"""Those of a file's way from a client's storage, in its order; tested likewise."""

SENDING_FAILPOINTS = ("send.begun", "send.file_sent", "send.all_sent")
"""Those of a delivery over a partner's channel; tested likewise."""

AUDIENCE_FAILPOINTS = ("audiences.file_written", "audiences.one_done")
"""Those of a refresh of audiences; tested likewise."""

KNOWN = {*FAILPOINTS, *STORAGE_FAILPOINTS, *SENDING_FAILPOINTS, *AUDIENCE_FAILPOINTS}


def failpoint(name: str) -> None:
    """Kill this process with SIGKILL if MATCHBOOK_FAILPOINT names this place."""
    wanted = os.environ.get("MATCHBOOK_FAILPOINT")
    if wanted is None:
        return
    if name not in KNOWN:
        raise AssertionError(f"unknown failpoint {name}")
    if wanted == name:
        os.kill(os.getpid(), signal.SIGKILL)
