"""One delivered log on its way to being landed: what of it has to be known before it is read.

Most logs are verified while they are read. A packed one is verified first, for it may be
damaged; and one that begins as a landed file does, for only the whole tells how far.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingest.content import content_blocks
from ingest.pixel_logs.outcomes import SOURCE
from ingest.verify import (
    HEAD_BYTES,
    VerifiedFile,
    Verifying,
    content_head,
    head_sha256,
    is_packed,
)


class Delivery:
    """A file, verified already or while its `blocks` are read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        landed = _landed_beginnings(connection, content_head(path))
        self._path = path
        self._verifying = Verifying(path, landed=landed)
        self._verified: VerifiedFile | None = None
        self.content_bytes = path.stat().st_size
        self.landed_bytes = 0
        """How many first content bytes are a file that is landed already."""
        self.landed_as: int | None = None
        """The first load of the same file, if there was one."""
        if landed or self.content_bytes == 0 or is_packed(path):
            self._verify_first(connection)

    def blocks(self) -> Iterator[bytes]:
        """The content."""
        return content_blocks(self._path) if self._verified else self._verifying.blocks()

    def verified(self) -> VerifiedFile:
        """What the whole file is, once its blocks are read. Raises InputRejected."""
        return self._verified or self._verifying.finish()

    def _verify_first(self, connection: duckdb.DuckDBPyConnection) -> None:
        for _ in self._verifying.blocks():
            pass
        self._verified = self._verifying.finish()
        self.content_bytes = self._verified.content_bytes
        self.landed_bytes = self._verified.landed_bytes
        self.landed_as = _same_file(connection, self._verified.sha256)


def _landed_beginnings(connection: duckdb.DuckDBPyConnection, head: bytes) -> dict[int, str]:
    """Sizes and checksums of landed contents that one with this head may begin with."""
    rows = connection.execute(
        "select content_bytes, content_sha256 from raw.loads where source = $source "
        "and content_bytes > 0 and (content_bytes < $size or content_head = $head)",
        {"source": SOURCE, "size": HEAD_BYTES, "head": head_sha256(head)},
    ).fetchall()
    return {size: sha256 for size, sha256 in rows if _may_begin_with(head, size, sha256)}


def _may_begin_with(head: bytes, size: int, sha256: str) -> bool:
    """False only for a short landed content that is not how this head begins."""
    return size >= HEAD_BYTES or hashlib.sha256(head[:size]).hexdigest() == sha256


def _same_file(connection: duckdb.DuckDBPyConnection, sha256: str) -> int | None:
    ((found,),) = connection.execute(
        "select min(load_seq) from raw.loads where sha256 = $sha256 and source = $source",
        {"sha256": sha256, "source": SOURCE},
    ).fetchall()
    return None if found is None else int(found)
