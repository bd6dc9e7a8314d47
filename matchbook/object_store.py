"""An object store, or a folder that stands for one: whole objects by name, patiently.

A call that fails is made again, later and later, until the patience of its caller ends: a bucket
that answers 500 or 503 for minutes, or not at all, costs time and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from matchbook.clock import Clock
from matchbook.errors import ConfigError, StorageUnavailable
from matchbook.files import whole_file

PATIENCE = timedelta(minutes=10)
LONGEST_WAIT = 60.0
TIMEOUT = 30.0
"""Seconds without a byte after which a call has failed."""

Result = TypeVar("Result")


class ObjectStore:
    """Everything below one URL; an object appears whole or not at all."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        patience: timedelta = PATIENCE,
        timeout: float = TIMEOUT,
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._files, self._base = _opened(url, timeout)
        self._is_local = "://" not in url or url.startswith("file://")

    def sizes(self, folder: str) -> dict[str, int]:
        """Bytes of every object below a folder, by its name."""
        start = f"{self._base}/"

        def listed() -> dict[str, int]:
            try:
                found = self._files.find(start + folder, detail=True)
            except FileNotFoundError:
                return {}
            return {name.removeprefix(start): int(info["size"]) for name, info in found.items()}

        return {n: size for n, size in self._patiently(listed).items() if not n.endswith(".part")}

    def put(self, path: Path, name: str) -> None:
        """Store a file's bytes under a name, in place of what may stand there."""
        target = f"{self._base}/{name}"

        def sent() -> None:
            if self._is_local:
                with whole_file(Path(target)) as part:
                    part.write_bytes(path.read_bytes())
            else:
                self._files.put_file(str(path), target)
                if self._files.info(target)["size"] != path.stat().st_size:
                    raise OSError("the object is not whole")

        try:
            self._patiently(sent)
        except FileNotFoundError as error:
            raise _unavailable() from error  # there is no such bucket

    def get(self, name: str, path: Path) -> None:
        """Write an object to a file, whole. Raises FileNotFoundError where there is none."""

        def fetched() -> None:
            with whole_file(path) as part:
                self._files.get_file(f"{self._base}/{name}", str(part))

        self._patiently(fetched)

    def remove(self, name: str) -> None:
        """Leave no object of this name."""

        def removed() -> None:
            try:
                self._files.rm_file(f"{self._base}/{name}")
            except FileNotFoundError:
                return

        self._patiently(removed)

    def _patiently(self, call: Callable[[], Result]) -> Result:
        until, wait = self._clock.now() + self._patience, 1.0
        while True:
            try:
                return call()
            except FileNotFoundError:
                raise
            except Exception as error:
                if not _may_pass(error) or self._clock.now() >= until:
                    raise _unavailable() from error
                self._clock.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)


def _opened(url: str, timeout: float) -> tuple[Any, str]:
    if url.startswith("s3://"):
        from s3fs import S3FileSystem

        waits = {"connect_timeout": min(timeout, 10), "read_timeout": timeout}
        files = S3FileSystem(
            config_kwargs={**waits, "retries": {"total_max_attempts": 1}},
            use_listings_cache=False,
            skip_instance_cache=True,
        )
        files.retries = 1  # we wait ourselves, by our clock
        return files, url.removeprefix("s3://").rstrip("/")
    if "://" in url and not url.startswith("file://"):
        raise ConfigError(
            "MATCHBOOK_OBJECTS is neither a folder nor the URL of a bucket.",
            kept="Nothing was changed.",
            todo="Write it s3://BUCKET/FOLDER.",
        )
    from fsspec.implementations.local import LocalFileSystem

    return LocalFileSystem(), os.path.abspath(url.removeprefix("file://"))


def _may_pass(error: Exception) -> bool:
    """Faults of networks and servers; wrong keys and missing buckets stay wrong."""
    answer = getattr(error.__cause__ or error, "response", None)
    status = answer["ResponseMetadata"]["HTTPStatusCode"] if isinstance(answer, dict) else 500
    is_refused = isinstance(error, PermissionError) or 400 <= status < 500
    return not is_refused or status in (408, 429)


def _unavailable() -> StorageUnavailable:
    return StorageUnavailable(
        "unreachable",
        "The object store does not answer, or refuses us.",
        todo="Nothing has to be done if it passes; else see MATCHBOOK_OBJECTS and its credentials.",
    )
