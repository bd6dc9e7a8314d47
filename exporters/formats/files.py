"""One file for a partner: opened under its own name, packed and encrypted, counted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from exporters.destinations import sha256_of
from exporters.formats.compression import SUFFIXES, packed
from exporters.formats.openpgp import SUFFIX, Certificate, encrypted
from matchbook.files import whole_file
from matchbook.partners.names import FileName
from matchbook.partners.profile import DeliveryProfile

Kind = Literal["matches", "removals"]


@dataclass(frozen=True)
class PartnerFile:
    """A file as it stands: to be sent as it is, and never made again."""

    name: str
    """Relative to the channel's address; may hold folders."""
    path: Path
    rows: int
    bytes: int
    sha256: str
    kind: Kind


@dataclass(frozen=True)
class Shelf:
    """Where the files of one delivery go and what they are called."""

    folder: Path
    profile: DeliveryProfile
    moment: datetime
    certificate: Certificate | None
    is_large: bool = False
    """A file of it may reach 2 GiB before it is packed."""

    def name(self, kind: Kind, part: int) -> str:
        """The name of one part as its content is called, before it is packed."""
        template = self._template(kind)
        values = {name: self.profile.value(name) for name in template.parameters}
        return template.filled(self.moment, part=part, values=values)

    def final_name(self, kind: Kind, part: int) -> str:
        """The name under which it stands and is sent."""
        packed_as = SUFFIXES.get(self.profile.compression, "")
        return self.name(kind, part) + packed_as + (SUFFIX if self.certificate else "")

    def _template(self, kind: Kind) -> FileName:
        own = self.profile.removals.file_name
        return own if kind == "removals" and own else self.profile.file_name


class OpenFile:
    """One part while it is written; its limits are those of the content before packing."""

    def __init__(self, shelf: Shelf, kind: Kind, part: int) -> None:
        self.rows = 0
        self.bytes = 0
        self._name = shelf.final_name(kind, part)
        self._kind = kind
        self._target = shelf.folder / self._name
        self._stack = ExitStack()
        whole = self._stack.enter_context(whole_file(self._target))
        clear = self._stack.enter_context(encrypted(whole, shelf.certificate))
        self.path = clear
        """Where a writer of its own, such as Parquet's, may write instead of calling `write`."""
        self._packed = packed(
            clear,
            shelf.profile.compression,
            shelf.name(kind, part),
            shelf.moment,
            is_large=shelf.is_large,
        )
        self._write: Callable[[memoryview | bytes], object] | None = None

    def write(self, content: memoryview | bytes, *, rows: int) -> None:
        """Append whole rows."""
        if self._write is None:
            self._write = self._stack.enter_context(self._packed)
        self._write(content)
        self.rows += rows
        self.bytes += len(content)

    def close(self) -> PartnerFile:
        """Finish the file: from here on it stands whole under its name."""
        self._stack.close()
        size, digest = self._target.stat().st_size, sha256_of(self._target)
        return PartnerFile(self._name, self._target, self.rows, size, digest, self._kind)

    def abandon(self, error: BaseException) -> None:
        """Leave nothing behind."""
        self._stack.__exit__(type(error), error, error.__traceback__)
