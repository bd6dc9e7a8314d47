"""Hashing a text as a customer's file, for the tests of `matchbook hash`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.hashing import Choice, Hashed, hash_file
from matchbook.errors import MatchbookError

EMAIL, SDK = "email_sha256_da_docs_v1", "email_sha256_da_sdk_v1"
PHONE, POSTAL = "phone_sha256_da_docs_v1", "postal_sha256_matchbook_v1"
Report = list[tuple[int, str, str, str]]


@dataclass(frozen=True)
class Outcome:
    """The account, the hashed file and the report."""

    account: Hashed
    out: Path
    rows: list[dict[str, str]]
    report: Report


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def hashed(
    folder: Path,
    content: str | bytes,
    *,
    region: str | None = None,
    mapped: dict[str, str] | None = None,
    kept: tuple[str, ...] = (),
    mode: str = "opt-in",
    processes: int = 1,
) -> Outcome:
    source, out, left = folder / "in.csv", folder / "out.csv", folder / "left.csv"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    choice = Choice(region, mapped or {}, kept, mode)
    account = hash_file(source, out, left, choice, processes=processes)
    with out.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    with left.open(newline="", encoding="utf-8") as lines:
        report = [
            (int(n), what, outcome, why) for n, what, outcome, why in [*csv.reader(lines)][1:]
        ]
    return Outcome(account, out, rows, report)


def refusal(folder: Path, content: str | bytes, **choice: object) -> MatchbookError:
    with pytest.raises(MatchbookError) as refused:
        hashed(folder, content, **choice)  # type: ignore[arg-type]
    assert not (folder / "out.csv").exists()
    assert not (folder / "left.csv").exists()
    return refused.value


def attempt(folder: Path, content: str | bytes, **choice: object) -> Outcome | MatchbookError:
    """What comes out, or why nothing does."""
    try:
        return hashed(folder, content, **choice)  # type: ignore[arg-type]
    except MatchbookError as error:
        return error
