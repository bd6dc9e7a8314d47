"""The error tree, ordered by what the reader does next.

MatchbookError
├─ ConfigError           fix the environment
├─ Busy                  wait: another run holds the warehouse
├─ InputRejected         fix the file
├─ AudienceInvalid       fix the definition
├─ SnapshotUnavailable   run the night
│  └─ SnapshotOutdated   build and publish: what is published was built before an update
├─ StorageUnavailable    look at a client's storage; it is tried again by itself
├─ BuildFailed           read which model or test failed; readers keep the last snapshot
└─ DestinationError
   ├─ RetryLater         wait, then the same call again
   ├─ RecordsRejected    some rows were refused; the others stand
   └─ PushAborted        stop and look: credentials or contract

Messages never carry a value from a file, an identifier or a secret.
"""

from __future__ import annotations


class MatchbookError(Exception):
    """What happened, what was kept, what to do: three sentences every failure owes."""

    exit_code = 1

    def __init__(self, happened: str, *, kept: str = "", todo: str = "") -> None:
        self.happened = happened
        self.kept = kept
        self.todo = todo
        super().__init__(" ".join(part for part in (happened, kept, todo) if part))


class ConfigError(MatchbookError):
    """The environment is wrong: a missing key, an unreadable folder, a bad setting."""

    exit_code = 78


class Busy(MatchbookError):
    """Another run holds the warehouse; the message names it."""

    exit_code = 75


class InputRejected(MatchbookError):
    """A file was refused whole. `reason` is a stable code such as `gzip_crc`.

    `erase_original`: it holds or may hold what must not rest with us; remove our copies of it.
    """

    exit_code = 65

    def __init__(
        self, reason: str, happened: str, *, kept: str, todo: str, erase_original: bool = False
    ) -> None:
        self.reason = reason
        self.erase_original = erase_original
        super().__init__(happened, kept=kept, todo=todo)


class AudienceInvalid(MatchbookError):
    """An audience definition cannot be compiled."""

    exit_code = 65


class SnapshotUnavailable(MatchbookError):
    """Nothing has been published for this client yet."""

    exit_code = 69


class SnapshotOutdated(SnapshotUnavailable):
    """What is published was built before an update and lacks a mart or a column."""


class StorageUnavailable(MatchbookError):
    """A client's storage, or one file in it, cannot be read now. `reason` is a stable code."""

    exit_code = 74

    def __init__(self, reason: str, happened: str, *, todo: str, kept: str = "") -> None:
        self.reason = reason
        super().__init__(happened, kept=kept or "What is in the storage stays there.", todo=todo)


class BuildFailed(MatchbookError):
    """dbt failed a model or a test; nothing was published."""

    exit_code = 70


class DestinationError(MatchbookError):
    """Something went wrong on the way out."""

    exit_code = 74


class RetryLater(DestinationError):
    """The destination is busy or away; the same call may be made again.

    `after`: not before so many seconds, where the destination says so.
    """

    def __init__(
        self, happened: str, *, kept: str = "", todo: str = "", after: float | None = None
    ) -> None:
        self.after = after
        super().__init__(happened, kept=kept, todo=todo)


class RecordsRejected(DestinationError):
    """Some rows were refused; the others were delivered."""


class PushAborted(DestinationError):
    """The destination refuses us altogether; a person has to look."""
