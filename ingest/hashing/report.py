"""The report: which line lost what and why. It holds no value of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import compress

from ingest.hashing.identifiers import Note

HEADER = ("line_number", "field", "outcome", "reason")


class Report:
    """What happened to the rows of one batch; `lines` is where each begins."""

    def __init__(self, lines: Sequence[int], broken: list[tuple[int, str]]) -> None:
        self._lines = lines
        self._found = [(line, "row", "rejected", reason) for line, reason in broken]
        self._refused: dict[int, str] = {}

    @property
    def reasons(self) -> Counter[str]:
        """How often each reason was given."""
        return Counter(reason for _, _, _, reason in self._found)

    def whole(self, cells: list[list[str]], width: int) -> list[list[str]]:
        """The rows of the header's width; the others are rejected."""
        fits = [len(row) == width for row in cells]
        for line, fit in zip(self._lines, fits, strict=True):
            if not fit:
                self._found.append((line, "row", "rejected", "columns"))
        self._lines = list(compress(self._lines, fits))
        return list(compress(cells, fits))

    def first_refusals(self) -> dict[int, str]:
        """Place of each row that lost a cell so far → why it lost the first one."""
        return dict(self._refused)

    def reject(self, reasons: dict[int, str]) -> None:
        """Rows that are left out whole: of their cells nothing more is said."""
        lines = {self._lines[place]: reason for place, reason in reasons.items()}
        self._found = [found for found in self._found if found[0] not in lines]
        self._found += [(line, "row", "rejected", reason) for line, reason in lines.items()]

    def refuse(self, what: str) -> Note:
        """To be told what is left out."""
        return partial(self._note, what, "rejected")

    def repair(self, what: str) -> Note:
        """To be told what is kept in another form than it had."""
        return partial(self._note, what, "repaired")

    def rows(self) -> list[tuple[int, str, str, str]]:
        """In the order of the file."""
        return sorted(self._found)

    def _note(self, what: str, outcome: str, place: int, reason: str) -> None:
        self._found.append((self._lines[place], what, outcome, reason))
        if outcome == "rejected" and what != "row":
            self._refused.setdefault(place, reason)
