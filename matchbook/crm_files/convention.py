"""The path convention `onboard/audience=<list>/<mode>/<YYYYMMDD_HHmmss>.csv[.gz|.zip]`."""

from __future__ import annotations

import re
from pathlib import PurePath

from matchbook.errors import InputRejected

MODES = ("opt-in", "opt-out", "replace")
"""Add or update records, withdraw them, or add them and withdraw all others of the list."""

MAX_SHRINK = 0.3
"""A replace that withdraws more of a list's live records than this has to be confirmed."""

_LIST = re.compile(r"audience=([A-Za-z0-9_-]{1,64})")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}\.csv(\.gz|\.zip)?")


def parse_onboard_path(path: PurePath) -> tuple[str, str]:
    """(list_id, mode) from the last three parts of a path.

    Raises InputRejected (`unknown_list`, `unknown_mode`, `file_name`) for any other form.
    """
    folder, mode, file_name = ("", "", "", *path.parts)[-3:]
    found = _LIST.fullmatch(folder)
    if found is None:
        raise _misplaced("unknown_list", "The file is not in a folder named audience=<list>.")
    if mode not in MODES:
        raise _misplaced("unknown_mode", "The folder above the file is not one of the modes.")
    if not _FILE_NAME.fullmatch(file_name):
        raise _misplaced("file_name", "The file's name is not like 20221107_132117.csv.")
    return found[1], mode


def _misplaced(reason: str, happened: str) -> InputRejected:
    return InputRejected(
        reason,
        happened,
        kept="No row of it was loaded.",
        todo="Put it at onboard/audience=<list>/<opt-in|opt-out|replace>/<YYYYMMDD_HHmmss>.csv.",
    )
