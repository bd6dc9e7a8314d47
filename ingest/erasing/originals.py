"""Delivered files that still rest with us when somebody is erased: they go with the person.

Their accepted lines are in the lake; nobody can tell who is in a damaged one.
"""

from __future__ import annotations

import shutil

from matchbook.settings import Settings

_REASON = ".reason.json"


def remove(settings: Settings) -> int:
    """Remove the originals of logs and of refused files, but for the reasons; how many."""
    logs = [path for path in (settings.home / "originals").rglob("*") if path.is_file()]
    refused = [
        path
        for path in settings.refused.rglob("*")
        if path.is_file() and not path.name.endswith(_REASON)
    ]
    for path in refused:
        path.unlink()
    shutil.rmtree(settings.home / "originals", ignore_errors=True)
    return len(logs) + len(refused)
