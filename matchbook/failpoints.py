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

PUSH_FAILPOINTS = (
    "push.planned",
    "push.clone_planned",
    "push.clone_answered",
    "push.cloned",
    "push.tagged",
    "push.begun",
    "push.answered",
    "push.settled",
    "push.read_back",
    "push.held_written",
)
"""Those of a push to CEP, in its order; tested likewise."""

AUDIENCE_FILE_FAILPOINTS = (
    "audience_file.stored",
    "audience_file.frozen",
    "audience_file.begun",
    "audience_file.sent",
    "audience_file.held_written",
)
"""Those of a push to a partner, in its order; tested likewise."""

ERASING_FAILPOINTS = (
    "erase.noted",
    "erase.files_gone",
    "erase.file_rewritten",
    "erase.lake_rewritten",
    "erase.published",
    "erase.finished",
)
"""Those of an erasure; tested likewise."""

RETENTION_FAILPOINTS = ("retention.rows_gone",)
"""Those of removing what has been kept long enough; tested likewise."""

ROTATION_FAILPOINTS = ("rekey.key_made", "rekey.file_rewritten", "rekey.lake_rewritten")
"""Those of rotating the identifiers' key; tested likewise."""

KNOWN = {
    *FAILPOINTS,
    *STORAGE_FAILPOINTS,
    *SENDING_FAILPOINTS,
    *AUDIENCE_FAILPOINTS,
    *PUSH_FAILPOINTS,
    *AUDIENCE_FILE_FAILPOINTS,
    *ERASING_FAILPOINTS,
    *RETENTION_FAILPOINTS,
    *ROTATION_FAILPOINTS,
}


def failpoint(name: str) -> None:
    """Kill this process with SIGKILL if MATCHBOOK_FAILPOINT names this place."""
    wanted = os.environ.get("MATCHBOOK_FAILPOINT")
    if wanted is None:
        return
    if name not in KNOWN:
        raise AssertionError(f"unknown failpoint {name}")
    if wanted == name:
        os.kill(os.getpid(), signal.SIGKILL)
