"""gzip and zip whose bytes depend on their content and the delivery's moment alone."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath

SUFFIXES = {"gzip": ".gz", "zip": ".zip"}

LEVEL = 6
"""What the gzip and zip commands use."""

_GZIP_WINDOW = 31
"""zlib's way to ask for a gzip header, with no name and no time in it."""

_PLAIN_FILE = 0o100644 << 16

Write = Callable[[memoryview | bytes], object]


def packed(
    target: Path, compression: str, name: str, moment: datetime, *, is_large: bool = False
) -> AbstractContextManager[Write]:
    """A function that appends to `target`; a zip file has one member, the last part of `name`.

    `is_large`: it may reach 2 GiB, which zip has to know before. Parquet's own compressions are
    not for here: such content is written as it is.
    """
    if compression == "zip":
        return _zip(target, PurePosixPath(name).name, moment, is_large)
    return _gzip(target) if compression == "gzip" else _plain(target)


@contextmanager
def _plain(target: Path) -> Iterator[Write]:
    with target.open("wb") as handle:
        yield handle.write


@contextmanager
def _gzip(target: Path) -> Iterator[Write]:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    with target.open("wb") as handle:
        yield lambda content: handle.write(packer.compress(content))
        handle.write(packer.flush())


@contextmanager
def _zip(target: Path, name: str, moment: datetime, is_large: bool) -> Iterator[Write]:
    member = zipfile.ZipInfo(name, moment.timetuple()[:6])
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3
    member.external_attr = _PLAIN_FILE
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive,
        archive.open(member, "w", force_zip64=is_large) as content,
    ):
        yield content.write
