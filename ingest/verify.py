"""Verify a delivered file whole, in bounded memory, before the warehouse sees a row of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.content import GZIP_MAGIC, ZSTD_MAGIC, content_blocks, refused

HEAD_BYTES = 4096
_NEWLINE = ord("\n")


@dataclass(frozen=True)
class VerifiedFile:
    """What is known of a sound file before its lines are read."""

    path: Path
    sha256: str
    """Of the bytes as delivered."""
    delivered_bytes: int
    modified_ns: int
    content_bytes: int
    content_head: str
    content_sha256: str
    ends_with_newline: bool
    lines: int
    """Lines of content, empty ones too."""
    landed_bytes: int = 0
    """How many first content bytes are a file that is landed already."""


def verify(path: Path, *, landed: Mapping[int, str] | None = None) -> VerifiedFile:
    """Read the file once: form, checksums, sizes and, if it stands beside it, the manifest.

    `landed` maps the content size of landed files to their content's SHA-256; the largest
    that is a beginning of this content is reported. Raises InputRejected.
    """
    verifying = Verifying(path, landed=landed)
    for _ in verifying.blocks():
        pass
    return verifying.finish()


class Verifying:
    """One reading of a file, by whoever takes `blocks`: what is read is what is verified.

    Nothing of it may be landed before `finish` has found it sound.
    """

    def __init__(self, path: Path, *, landed: Mapping[int, str] | None = None) -> None:
        self._path = path
        self._before = path.stat()
        self._content = _Content(landed or {})

    def blocks(self) -> Iterator[bytes]:
        """The content; another thread works out its checksums."""
        with ThreadPoolExecutor(1) as pool:
            added: Future[None] | None = None
            for block in content_blocks(self._path):
                if added is not None:
                    added.result()
                added = pool.submit(self._content.add, block)
                yield block
            if added is not None:
                added.result()

    def finish(self) -> VerifiedFile:
        """What was found, once all blocks are read. Raises InputRejected."""
        content = self._content
        sha256 = file_sha256(self._path) if is_packed(self._path) else content.sha256
        before, after = self._before, self._path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise refused(
                "changed", "The file changed while it was read.", "Wait until it is whole."
            )
        verified = VerifiedFile(
            path=self._path,
            sha256=sha256,
            delivered_bytes=after.st_size,
            modified_ns=after.st_mtime_ns,
            content_bytes=content.size,
            content_head=content.head,
            content_sha256=content.sha256,
            ends_with_newline=content.last in (b"\n", b""),
            lines=content.newlines + (content.last not in (b"\n", b"")),
            landed_bytes=content.landed_bytes,
        )
        check_manifest(verified)
        return verified


def check_manifest(verified: VerifiedFile) -> None:
    """Compare a file with `<file>.manifest.json`, if there is one. Raises InputRejected."""
    manifest = manifest_path(verified.path)
    # A name too long for a manifest beside it has none.
    if not os.path.exists(manifest):
        return
    try:
        promised = dict(json.loads(manifest.read_bytes()))
        wanted = {name: promised[name] for name in ("lines", "bytes", "sha256") if name in promised}
    except (ValueError, TypeError):
        raise refused(
            "manifest_unreadable",
            "The manifest beside the file is not a JSON object.",
            "Deliver the manifest again.",
        ) from None
    found = {
        "lines": verified.lines,
        "bytes": verified.delivered_bytes,
        "sha256": verified.sha256,
    }
    wrong = sorted(name for name, value in wanted.items() if value != found[name])
    if wrong:
        raise refused(
            "manifest_mismatch",
            f"The file is not what its manifest says: {', '.join(wrong)} differ.",
            "Deliver file and manifest again.",
        )


def manifest_path(path: Path) -> Path:
    """Where a file's manifest stands."""
    return path.with_name(path.name + ".manifest.json")


def first_bytes(path: Path, size: int = 6) -> bytes:
    """The first delivered bytes."""
    with path.open("rb") as handle:
        return handle.read(size)


def is_packed(path: Path) -> bool:
    """Whether the content has to be unpacked."""
    return first_bytes(path).startswith((GZIP_MAGIC, ZSTD_MAGIC))


def content_head(path: Path) -> bytes:
    """The first content bytes, at most HEAD_BYTES of them."""
    head = b""
    for block in content_blocks(path, HEAD_BYTES):
        head += block
        if len(head) >= HEAD_BYTES:
            break
    return head[:HEAD_BYTES]


def head_sha256(head: bytes) -> str:
    """The SHA-256 of a content's beginning, as the ledger keeps it."""
    return hashlib.sha256(head).hexdigest()


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class _Content:
    """Running facts about content that arrives in blocks."""

    def __init__(self, landed: Mapping[int, str]) -> None:
        self.size = 0
        self.newlines = 0
        self.last = b""
        self.landed_bytes = 0
        self._landed = landed
        self._boundaries = sorted({HEAD_BYTES, *landed}, reverse=True)
        self._digest = hashlib.sha256()
        self._head: str | None = None

    def add(self, block: bytes) -> None:
        self.newlines += int(np.count_nonzero(np.frombuffer(block, np.uint8) == _NEWLINE))
        self.last = block[-1:]
        view = memoryview(block)
        while self._boundaries and self._boundaries[-1] <= self.size + len(view):
            cut = self._boundaries.pop() - self.size
            self._update(view[:cut])
            self._at_boundary()
            view = view[cut:]
        self._update(view)

    def _update(self, view: memoryview) -> None:
        self._digest.update(view)
        self.size += len(view)

    def _at_boundary(self) -> None:
        so_far = self._digest.copy().hexdigest()
        if self.size == HEAD_BYTES:
            self._head = so_far
        if self._landed.get(self.size) == so_far:
            self.landed_bytes = self.size

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def head(self) -> str:
        return self._head or self.sha256
