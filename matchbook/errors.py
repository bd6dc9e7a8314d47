"""The error tree, ordered by what the reader does next.

MatchbookError
├─ ConfigError           fix the environment
├─ Busy                  wait: another run holds the warehouse
├─ PermissionDenied      ask somebody who may
│  └─ NotSignedIn        sign in
├─ InputRejected         fix the file
├─ AudienceInvalid       fix the definition
├─ SnapshotUnavailable   run the night
│  └─ SnapshotOutdated   build and publish: what is published was built before an update
├─ StorageUnavailable    look at a client's storage; it is tried again by itself
├─ TookTooLong           ask for less, or once more when fewer people ask
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
    KEPT = "Nothing was changed."
    TODO = "Try it again. If it comes back, tell whoever runs Matchbook."
    """What is told where whoever raised the error left it out."""

    def __init__(self, happened: str, *, kept: str = "", todo: str = "") -> None:
        self.happened = happened
        self.kept = kept
        self.todo = todo
        super().__init__(" ".join(part for part in (happened, kept, todo) if part))

    @property
    def told(self) -> tuple[str, str, str]:
        """All three parts, for a person."""
        return self.happened, self.kept or self.KEPT, self.todo or self.TODO


class ConfigError(MatchbookError):
    """The environment is wrong: a missing key, an unreadable folder, a bad setting."""

    exit_code = 78
    TODO = "Correct it and try again."


class Busy(MatchbookError):
    """Another run holds the warehouse; the message names it."""

    exit_code = 75
    TODO = "Wait a minute and try again."


class PermissionDenied(MatchbookError):
    """Somebody asked for what their role does not allow."""

    exit_code = 77
    TODO = "Ask a manager of your team."


class NotSignedIn(PermissionDenied):
    """Nobody is signed in, or no longer. `reason` is a stable code such as `idle`."""

    def __init__(self, reason: str, happened: str, *, todo: str = "") -> None:
        self.reason = reason
        super().__init__(happened, todo=todo)


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
    TODO = "Change the audience and try again."


class SnapshotUnavailable(MatchbookError):
    """Nothing has been published for this client yet."""

    exit_code = 69
    TODO = "Wait for tonight's run."


class SnapshotOutdated(SnapshotUnavailable):
    """What is published was built before an update and lacks a mart or a column."""


class TookTooLong(MatchbookError):
    """A question of a page was stopped: it took longer or more memory than pages may."""

    exit_code = 75


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
    KEPT = "What was done before it stands and is not repeated."


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
