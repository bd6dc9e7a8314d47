"""What `matchbook hash` costs, beside a bare loop that normalises and hashes the same values."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

import pytest

from ingest.hashing import Choice, hash_file
from matchbook.normalisation import normaliser

ROWS = 1_000_000
ROUNDS = 3
BROWSER_ROWS = 200_000
HEADER = "klantnummer,email,mobiel,postcode,huisnummer,toevoeging,tier\n"
CHOICE = Choice(region="NL", kept=("tier",))

pytestmark = pytest.mark.bench


def test_hashing_a_file(tmp_path: Path) -> None:
    """In rounds, so that what else runs slows both sides alike.

    One process is timed in its own seconds, two by the clock.
    """
    source = tmp_path / "customers.csv"
    source.write_text(HEADER + "".join(",".join(row) + "\n" for row in map(_row, range(ROWS))))
    values = [_row(i)[1:6] for i in range(ROWS)]
    rounds = [
        (*_alone(values, source, tmp_path), *_in_two(values, source, tmp_path))
        for _ in range(ROUNDS)
    ]
    print(f"\n{ROWS:,} rows with e-mail, phone and address, {ROUNDS} rounds")
    columns = list(zip(*rounds, strict=True))
    for name, bare, ours in (("one process", *columns[:2]), ("two, by the clock", *columns[2:])):
        ratios = ", ".join(f"{b / o:.2f}" for b, o in zip(bare, ours, strict=True))
        print(f"  {name}: bare loop {min(bare):.1f} s, matchbook hash {min(ours):.1f} s,", end=" ")
        print(f"{ROWS / min(ours) * 60:,.0f} rows a minute; ratios {ratios}")
    assert median(bare / ours for bare, ours, _, _ in rounds) >= 0.7
    assert ROWS / min(columns[1]) * 60 >= 1_000_000


@pytest.mark.needs("chromium")
def test_hashing_in_the_browser(tmp_path: Path) -> None:
    """The component's own script in a real browser, in its one worker, beside the command."""
    from tests.browser.hasher import hasher_page, measured
    from tests.browser.serving import chromium

    source = tmp_path / "customers.csv"
    rows = map(_row, range(BROWSER_ROWS))
    source.write_text(HEADER + "".join(",".join(row) + "\n" for row in rows))
    values = [_row(i)[1:6] for i in range(BROWSER_ROWS)]
    bare = _seconds(lambda: _bare(values))
    with chromium() as browser, hasher_page(browser, tmp_path) as page:
        found = measured(page, source.name)
    ours = _seconds(lambda: _hash(source, tmp_path, processes=1, rows=BROWSER_ROWS))
    assert found["account"]["accepted"] == BROWSER_ROWS
    print(f"\n{BROWSER_ROWS:,} rows with e-mail, phone and address, by the clock")
    rates = ("bare loop", bare), ("matchbook hash", ours), ("browser", found["seconds"])
    for name, seconds in rates:
        print(f"  {name}: {BROWSER_ROWS / seconds:,.0f} rows a second, ratio {bare / seconds:.2f}")


def _alone(values: list[tuple[str, ...]], source: Path, folder: Path) -> tuple[float, float]:
    bare = _seconds(lambda: _bare(values), time.process_time)
    return bare, _seconds(lambda: _hash(source, folder, processes=1), time.process_time)


def _in_two(values: list[tuple[str, ...]], source: Path, folder: Path) -> tuple[float, float]:
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_bare, [[], []]))
        halves = [values[::2], values[1::2]]
        bare = _seconds(lambda: list(pool.map(_bare, halves)))
    return bare, _seconds(lambda: _hash(source, folder, processes=2))


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


def _hash(source: Path, folder: Path, *, processes: int, rows: int = ROWS) -> None:
    run = partial(hash_file, source, folder / "out.csv", folder / "rejects.csv", CHOICE)
    account = run(processes=processes)
    assert account.written == rows


def _seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    work()
    return clock() - start
