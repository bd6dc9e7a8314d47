"""What `matchbook hash` costs, beside a bare loop that normalises and hashes the same values."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.hashing import Choice, hash_file
from matchbook.normalisation import normaliser

ROWS = 1_000_000
HEADER = "klantnummer,email,mobiel,postcode,huisnummer,toevoeging,tier\n"
CHOICE = Choice(region="NL", kept=("tier",))

pytestmark = pytest.mark.bench


def test_hashing_a_file(tmp_path: Path) -> None:
    """One process is timed in its own seconds, so that what else runs does not count."""
    source = tmp_path / "customers.csv"
    source.write_text(HEADER + "".join(",".join(row) + "\n" for row in map(_row, range(ROWS))))
    values = [_row(i)[1:6] for i in range(ROWS)]
    bare = min(_seconds(lambda: _bare(values), time.process_time) for _ in range(2))
    one = min(_seconds(lambda: _hash(source, tmp_path, processes=1), time.process_time)
              for _ in range(2))  # fmt: skip
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_bare, [[], []]))
        halves = [values[::2], values[1::2]]
        bare_of_two = _seconds(lambda: list(pool.map(_bare, halves)))
    two = _seconds(lambda: _hash(source, tmp_path, processes=2))
    print(f"\n{ROWS:,} rows with e-mail, phone and address")
    print(f"  one process: bare loop {bare:.1f} s, matchbook hash {one:.1f} s,", end=" ")
    print(f"ratio {bare / one:.2f}; {ROWS / one * 60:,.0f} rows a minute")
    print(
        f"  two, by the clock: bare loop {bare_of_two:.1f} s, matchbook hash {two:.1f} s,", end=" "
    )
    print(f"ratio {bare_of_two / two:.2f}")
    assert bare / one >= 0.7
    assert ROWS / one * 60 >= 1_000_000


def _row(i: int) -> tuple[str, ...]:
    letters = "ABCDEGHJKL"[i % 10] + "MNPRTVWXZ"[i % 9]
    suffix = "+shop" if i % 20 == 0 else ""
    phone = f"06{i % 100_000_000:08d}" if i % 3 else f"+31 6 {i % 100_000_000:08d}"
    address = (f"{1000 + i % 9000} {letters}", str(1 + i % 300), "a" if i % 5 == 0 else "")
    email = f"Voornaam.Achternaam{i}{suffix}@Example.nl"
    return (f"C{i:07d}", email, phone, *address, "gold" if i % 3 else "silver")


def _bare(values: list[tuple[str, ...]]) -> int:
    docs = normaliser("email", profile="da_docs_v1")
    sdk = normaliser("email", profile="da_sdk_v1")
    phone = normaliser("phone", profile="da_docs_v1", region="NL")
    postal = normaliser("postal", profile="matchbook_v1", region="NL")
    hashes = 0
    for email, number, postcode, house, extension in values:
        first, other = docs(email), sdk(email)
        for text in {first, other}:
            sha256(text.encode()).hexdigest()
        sha256(phone(number).encode()).hexdigest()
        sha256(postal(f"|{postcode}|{house}|{extension}").encode()).hexdigest()
        hashes += 3
    return hashes


def _hash(source: Path, folder: Path, *, processes: int) -> None:
    run = partial(hash_file, source, folder / "out.csv", folder / "rejects.csv", CHOICE)
    account = run(processes=processes)
    assert account.written == ROWS


def _seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    work()
    return clock() - start
