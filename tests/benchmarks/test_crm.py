"""What landing hashed CRM rows costs, beside reading and keying them with nothing around."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
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
REGISTRY = Registry(
    clients=(Client(client_id="acme", name="Acme"),),
    lists=(CrmList(list_id="00001", client_id="acme", name="Customers"),),
)

pytestmark = pytest.mark.bench


def test_landing_hashed_rows(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("crm_record_id,email_sha256,phone_sha256,tier,last_order\n" + _rows())
    keys = load_keys(settings.keys)
    with open_memory() as connection:
        reading = _seconds(
            lambda: connection.execute("create table t as from read_csv(?)", [str(path)])
        )
        hashes = [
            [
                value
                for (value,) in connection.execute(f"select {c} from t where {c} <> ''").fetchall()
            ]
            for c in ("email_sha256", "phone_sha256")
        ]
    halves = [half for values in hashes for half in (values[::2], values[1::2])]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_key, [keys] * 2, [[], []]))
        keying = _seconds(lambda: list(pool.map(_key, [keys] * len(halves), halves)))
    verifying = _seconds(lambda: verify(path, mode="opt-in"))
    with open_warehouse(settings) as warehouse:
        landing = _seconds(
            lambda: land_crm_file(
                warehouse, settings, path, list_id="00001", mode="opt-in",
                registry=REGISTRY, keys=keys,
            )
        )  # fmt: skip
    bare = reading + keying
    print(f"\n{ROWS:,} rows, {sum(map(len, hashes)):,} hashes")
    print(f"  DuckDB reads the CSV {reading:.2f} s + two processes key it {keying:.2f} s")
    print(f"  verify {verifying:.2f} s, ratio {bare / verifying:.2f}")
    print(f"  land   {landing:.2f} s, ratio {bare / landing:.2f}")


def _rows() -> str:
    return "".join(
        f"C{i:07d},{_digest(f'e{i}')},{_digest(f'p{i}') if i % 2 else ''},"
        f"{'gold' if i % 3 else 'silver'},2026-{i % 12 + 1:02d}-{i % 28 + 1:02d}\n"
        for i in range(ROWS)
    )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _key(keys: Keys, values: list[str]) -> int:
    """The yardstick: nothing but the standard library's HMAC, value by value."""
    (key,) = keys.identifiers
    digest, unhex = hmac.digest, bytes.fromhex
    return len([digest(key, b"email\0" + unhex(value), "sha256").hex() for value in values])


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
