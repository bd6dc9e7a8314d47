"""The worker beside a browser test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from matchbook.cli.push import work_a_while
from matchbook.cli.work import drain
from matchbook.jobs import report
from matchbook.settings import Settings


@contextmanager
def worker(settings: Settings) -> Iterator[None]:
    """What `matchbook work` does, in a thread."""
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(0.1):
            report(settings, "test")
            drain(settings, say=lambda _: None)
            work_a_while(settings)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
