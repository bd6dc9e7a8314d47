"""Lines into files of at most so many rows and bytes, in the order they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from exporters.formats.files import Kind, OpenFile, PartnerFile, Shelf


def write_lines(
    batches: Iterator[pa.RecordBatch], shelf: Shelf, kind: Kind, *, header: bytes = b""
) -> list[PartnerFile]:
    """Write lines (with their ends) into as many files as the profile's limits ask for.

    The first column of a batch is the line, a second one how many pairs it stands for. Every file
    begins with `header`; without any line there is one file of it, and none without a header.
    """
    writer = _Writer(shelf, kind, header)
    try:
        if header:
            writer.turn_over()
        for batch in batches:
            writer.append(batch)
    except BaseException as error:
        writer.abandon(error)
        raise
    return writer.close()


class _Writer:
    def __init__(self, shelf: Shelf, kind: Kind, header: bytes) -> None:
        self._shelf = shelf
        self._kind: Kind = kind
        self._header = header
        self._files: list[PartnerFile] = []
        self._open: OpenFile | None = None
        self._lines = 0
        self._max_rows = shelf.profile.max_rows
        self._max_bytes = shelf.profile.max_bytes

    def append(self, batch: pa.RecordBatch) -> None:
        offsets, content = _offsets_and_content(batch.column(0))
        pairs = batch.column(1).to_numpy() if batch.num_columns > 1 else None
        done, count = 0, len(offsets) - 1
        while done < count:
            end = self._fits(offsets, done)
            if end == done:
                self.turn_over()
                end = max(self._fits(offsets, done), done + 1)
            rows = end - done if pairs is None else int(pairs[done:end].sum())
            self._current.write(content[offsets[done] : offsets[end]], rows=rows)
            self._lines += end - done
            done = end

    def _fits(self, offsets: Any, done: int) -> int:
        """The end of the lines from `done` on that the open file still takes."""
        if self._open is None:
            return done
        end = len(offsets) - 1
        if self._max_rows is not None:
            end = min(end, done + self._max_rows - self._lines)
        if self._max_bytes is not None:
            room = int(offsets[done]) + self._max_bytes - self._open.bytes
            end = min(end, int(np.searchsorted(offsets, room, side="right")) - 1)
        return max(end, done)

    def turn_over(self) -> None:
        """Close the open file and begin the next one."""
        self._finish()
        self._lines = 0
        self._open = OpenFile(self._shelf, self._kind, len(self._files) + 1)
        self._open.write(self._header, rows=0)

    @property
    def _current(self) -> OpenFile:
        assert self._open is not None
        return self._open

    def close(self) -> list[PartnerFile]:
        self._finish()
        return self._files

    def abandon(self, error: BaseException) -> None:
        if self._open is not None:
            self._open.abandon(error)

    def _finish(self) -> None:
        if self._open is not None:
            self._files.append(self._open.close())
            self._open = None


def _offsets_and_content(lines: pa.Array) -> tuple[Any, memoryview]:
    """The lines' bytes as they lie in memory, one after the other, and where each begins."""
    width = np.int64 if pa.types.is_large_string(lines.type) else np.int32
    _, offsets, content = lines.buffers()
    every = np.frombuffer(offsets, dtype=width)
    return every[lines.offset : lines.offset + len(lines) + 1], memoryview(content or b"")
