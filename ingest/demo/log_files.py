"""Log files in the inbox: plain, gzip or zstd, each with a manifest that marks it complete."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import zstandard

CHUNK = 1 << 20


class InboxFile:
    """A file that is written in pieces; its name and manifest appear when it is whole."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.part = target.with_name(target.name + ".part")
        self.lines = 0
        target.parent.mkdir(parents=True, exist_ok=True)
        self._raw = self.part.open("wb")
        self._stream = _compressed(target, self._raw)

    def write(self, content: bytes, lines: int) -> None:
        """Append whole lines."""
        self._stream.write(content)
        self.lines += lines

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not self._raw:
            self._stream.close()
        self._raw.close()
        if kind is not None:
            self.part.unlink()
            return
        # The manifest first: a file without one could be taken for a growing log.
        write_manifest(self.part, self.target, self.lines)
        self.part.rename(self.target)


def write_manifest(content: Path, target: Path, lines: int) -> None:
    """Say what `content` holds, for the file that will be called `target`."""
    digest = hashlib.sha256()
    with content.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    manifest = {"lines": lines, "bytes": content.stat().st_size, "sha256": digest.hexdigest()}
    target.with_name(target.name + ".manifest.json").write_text(json.dumps(manifest))


def _compressed(target: Path, raw: IO[bytes]) -> IO[bytes]:
    match target.suffix:
        case ".gz":
            # Neither name nor time in the header: same lines, same bytes.
            zipped = gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=raw, mtime=0)
            return io.BufferedWriter(zipped, CHUNK)  # type: ignore[arg-type]
        case ".zst":
            packed = zstandard.ZstdCompressor(level=1).stream_writer(raw, closefd=False)
            return io.BufferedWriter(packed, CHUNK)  # type: ignore[arg-type]
        case _:
            return raw
