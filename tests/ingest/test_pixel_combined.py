"""Lines taken apart by the places of their quotes read as SQL reads them, however broken."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.pixel_logs import formats
from ingest.pixel_logs.combined import shared_out
from ingest.pixel_logs.lines import SOUND, Splitter
from ingest.pixel_logs.masking import masked
from ingest.pixel_logs.parameters import with_parameters
from matchbook.keys import load_keys
from matchbook.warehouse import open_memory
from tests.pixel_lines import PAGE, click, combined, cookie, sync

ODD_BYTES = b'" \\[]&?=%/-:@\t\xc3A0'


@pytest.mark.parametrize("share", [0.1, 0.9], ids=["few-ours", "many-ours"])
def test_both_ways_read_a_line_alike(tmp_path: Path, share: float) -> None:
    keys = load_keys(tmp_path)
    random_ = random.Random(5)
    urls = (sync(), PAGE, PAGE + "&r=x&u=&r=y", click(keys), "/bakery/optout", "/bakery/no?u=1")
    lines = []
    for _ in range(4_000):
        url = random_.choice(urls) if random_.random() < share else "/other?r=/bakery"
        line = combined(url, cookie=random_.choice((cookie(keys), "-", None)))
        lines.append(broken(random_, line.encode()))
    (batch,) = Splitter().batches([b"\n".join(lines) + b"\n"])
    shares = shared_out(batch)
    with open_memory() as connection:
        connection.register("odd_lines", batch)
        connection.execute(
            "create temp view sound_lines as select line_number, line from odd_lines "
            f"where flaw = {SOUND} and byte_length > 0"
        )
        query = formats.parsed_fields(formats.COMBINED)
        wanted = with_parameters(connection.sql(query).to_arrow_table()).to_pylist()
        shape = formats.is_foreign_log_line(formats.COMBINED)
        query = f"select line_number from sound_lines where {shape}"
        well_formed = {number for (number,) in connection.execute(query).fetchall()}
    by_number = {row["line_number"]: row for row in wanted}
    found = [row for part in shares.fields for row in part.to_pylist()]
    assert len(found) > 0.3 * share * len(lines)
    assert found == [by_number[row["line_number"]] for row in found]
    left = {row["line_number"] for row in found} | set(shares.odd["line_number"].to_pylist())
    foreign = set(range(1, len(lines) + 1)) - left
    assert foreign <= well_formed
    assert len(foreign) == sum(shares.foreign.values())


def broken(random_: random.Random, line: bytes) -> bytes:
    """The line, in half of the cases with a few bytes lost, changed or put in."""
    changed = bytearray(line)
    for _ in range(random_.choice((0, 0, 0, 1, 2, 3))):
        place = random_.randrange(len(changed))
        odd = random_.choice(ODD_BYTES)
        changed[place : place + random_.randrange(2)] = bytes([odd])[: random_.randrange(2)]
    return bytes(changed)


@pytest.mark.parametrize("text", ["x" * 70_000, "é ü " * 30_000, "\u20ac" * 4_095 + " y" * 40_000])
def test_too_long_lines_lose_only_what_nobody_reads(text: str) -> None:
    (batch,) = Splitter().batches([f"{text}\nshort\n".encode()])
    (shortened, short) = shared_out(batch).odd["line"].to_pylist()
    assert short == "short\n"
    assert len(shortened) < len(text)
    with open_memory() as connection:
        query = f"select {masked('line')} from (select unnest($lines) as line)"
        (found, wanted) = connection.execute(query, {"lines": [shortened, text + "\n"]}).fetchall()
    assert found == wanted
