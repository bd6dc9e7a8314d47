"""What landing hashed CRM rows costs, beside reading and keying them with nothing around."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.crm_uploads import land_crm_file
from matchbook.crm_files import verify
from matchbook.keys import Keys, load_keys
from matchbook.registry import Client, CrmList, Registry
from matchbook.settings import Settings
from matchbook.warehouse import open_memory, open_warehouse

ROWS = 1_000_000
ROUNDS = 3
WANTED = 0.7
"""Both yardsticks together, to a landing, by the clock."""
REGISTRY = Registry(
    clients=(Client(client_id="acme", name="Acme"),),
    lists=(CrmList(list_id="00001", client_id="acme", name="Customers"),),
)

pytestmark = pytest.mark.bench


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and of the processors: what else runs counts in the first alone."""

    clock: float
    own: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.clock + other.clock, self.own + other.own)


def test_landing_hashed_rows(settings: Settings, tmp_path: Path) -> None:
    """In rounds, of which each side's least disturbed one counts.

    On a machine that is busy otherwise only the processors' seconds say much.
    """
    path = tmp_path / "customers.csv"
    path.write_text("crm_record_id,email_sha256,phone_sha256,tier,last_order\n" + _rows())
    keys = load_keys(settings.keys)
    rounds = []
    with ProcessPoolExecutor(2) as pool:
        for n in range(ROUNDS):
            home = replace(settings, home=tmp_path / str(n))
            reading, hashes = _read(path)
            keying = _keying(pool, keys, hashes)
            verifying = _cost(lambda: verify(path, mode="opt-in"))
            rounds.append((reading, keying, verifying, _land(home, path, keys)))
    print(f"\n{ROWS:,} rows, {sum(map(len, hashes)):,} hashes, {ROUNDS} rounds")
    names = ("DuckDB reads the CSV", "two processes key it", "verify", "land")
    least = [_least(costs) for costs in zip(*rounds, strict=True)]
    for name, cost in zip(names, least, strict=True):
        print(f"  {name}: {cost.clock:.2f} s by the clock, {cost.own:.2f} s of the processors")
    reading, keying, _, landing = least
    bare = reading + keying
    by_clock, by_processors = bare.clock / landing.clock, bare.own / landing.own
    print(
        f"  ratio by the clock {by_clock:.2f} (wanted {WANTED}), "
        f"of the processors {by_processors:.2f}"
    )
    assert by_clock >= WANTED


def _keying(pool: ProcessPoolExecutor, keys: Keys, hashes: list[list[str]]) -> Cost:
    """The other yardstick, once both processes stand ready."""
    halves = [half for values in hashes for half in (values[::2], values[1::2])]
    list(pool.map(_key, [keys] * 2, [[], []]))
    spent: list[float] = []
    here = _cost(lambda: spent.extend(pool.map(_key, [keys] * len(halves), halves)))
    return here + Cost(0, sum(spent))


def _read(path: Path) -> tuple[Cost, list[list[str]]]:
    """The yardstick: DuckDB reads the CSV. Its hashes come out untimed."""
    with open_memory() as connection:
        reading = _cost(
            lambda: connection.execute("create table t as from read_csv(?)", [str(path)])
        )
        hashes = [
            [value for (value,) in connection.execute(query).fetchall()]
            for column in ("email_sha256", "phone_sha256")
            for query in [f"select {column} from t where {column} <> ''"]
        ]
    return reading, hashes


def _land(settings: Settings, path: Path, keys: Keys) -> Cost:
    with open_warehouse(settings) as warehouse:
        return _cost(
            lambda: land_crm_file(
                warehouse, settings, path, list_id="00001", mode="opt-in",
                registry=REGISTRY, keys=keys,
            )
        )  # fmt: skip


def _rows() -> str:
    return "".join(
        f"C{i:07d},{_digest(f'e{i}')},{_digest(f'p{i}') if i % 2 else ''},"
        f"{'gold' if i % 3 else 'silver'},2026-{i % 12 + 1:02d}-{i % 28 + 1:02d}\n"
        for i in range(ROWS)
    )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _key(keys: Keys, values: list[str]) -> float:
    """The yardstick: nothing but the standard library's HMAC, value by value. Its seconds."""
    start = time.process_time()
    (key,) = keys.identifiers
    digest, unhex = hmac.digest, bytes.fromhex
    made = [digest(key, b"email\0" + unhex(value), "sha256").hex() for value in values]
    assert len(made) == len(values)
    return time.process_time() - start


def _cost(work: Callable[[], object]) -> Cost:
    clock, own = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - clock, time.process_time() - own)


def _least(costs: Iterable[Cost]) -> Cost:
    clocks, owns = zip(*((cost.clock, cost.own) for cost in costs), strict=True)
    return Cost(min(clocks), min(owns))
