"""The vectors in tests/data: what owners of normalisation rules print, and what follows from them.

Facts gathered from the sources that the file names row by row; profile and region are ours.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "data" / "normalization_vectors.csv"


@dataclass(frozen=True)
class Vector:
    """One row; without a hash the value is refused, or hashed by nobody."""

    kind: str
    profile: str
    region: str | None
    raw: str
    normalized: str
    sha256_hex: str
    sha256_base64: str

    @property
    def field(self) -> str:
        return {"postal_address": "postal", "phone_sha1": "phone"}.get(
            self.kind, self.kind.removesuffix("_invalid").removesuffix("_control")
        )


def vectors() -> list[Vector]:
    with FILE.open(newline="", encoding="utf-8") as lines:
        return [
            Vector(**{n: v for n, v in row.items() if n not in ("source", "region")},
                   region=row["region"] or None)
            for row in csv.DictReader(lines)
        ]  # fmt: skip
