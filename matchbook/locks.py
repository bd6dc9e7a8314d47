"""One at a time: a lock that the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matchbook.errors import Busy


@contextmanager
def only_one(lock: Path, happened: str) -> Iterator[None]:
    """Hold the lock file for as long as the block runs. Raises Busy, with `happened`, at once."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                happened, kept="Nothing was changed.", todo="Leave it to that one."
            ) from None
        yield
