"""P38: no bare hash of a person is at rest, and no two clients' files share a value of a person."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from ingest.demo.people import email_sha256, phone_sha256, postal_sha256
from matchbook import registry
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot
from tests.byte_scan import contents

pytestmark = pytest.mark.proof

CANARIES = 1000
NAMES_A_PERSON = "%\\_key"


class Sought:
    """Hashes as bytes, hex and base64, looked for all at once by how they begin."""

    def __init__(self, hashes: Iterable[str]) -> None:
        forms = [form for one in hashes for form in _forms(one)]
        self._by_start: dict[int, list[bytes]] = {}
        for form in forms:
            self._by_start.setdefault(int.from_bytes(form[:8], "little"), []).append(form)
        self._starts = np.array(sorted(self._by_start), dtype="<u8")
        self._maybe = np.zeros(1 << 24, dtype=bool)
        self._maybe[self._starts & 0xFFFFFF] = True

    def is_in(self, content: bytes) -> bool:
        """Whether one of them stands anywhere."""
        for shift in range(8):
            count = (len(content) - shift) // 8
            if count <= 0:
                break
            windows = np.frombuffer(content, dtype="<u8", count=count, offset=shift)
            places = np.flatnonzero(self._maybe[windows & np.uint64(0xFFFFFF)])
            places = places[np.isin(windows[places], self._starts)]
            for place in places.tolist():
                at = shift + 8 * place
                if any(
                    content.startswith(form, at) for form in self._by_start[int(windows[place])]
                ):
                    return True
        return False


def _forms(one: str) -> list[bytes]:
    raw = bytes.fromhex(one)
    # What stands beside it shows in base64's first characters and last ones.
    coded = [base64.b64encode(b"\0" * n + raw)[(0, 2, 3)[n] : -4] for n in range(3)]
    return [raw, one.encode(), one.upper().encode(), *coded]


def test_P38_no_bare_hash_is_in_any_file(demo_world: Path) -> None:
    made = [email_sha256(n) for n in range(CANARIES)]
    made += [phone_sha256(n) for n in range(CANARIES)]
    made += [postal_sha256(n) for n in range(CANARIES)]
    sought = Sought(made)
    files = [path for path in sorted(demo_world.rglob("*")) if path.is_file() and _is_ours(path)]
    found = {
        path.relative_to(demo_world).as_posix()
        for path in files
        for content in contents(path)
        if sought.is_in(content)
    }
    print(f"\nP38: {len(made):,} hashes in {len(files):,} files: {len(found)} hits")
    assert found == set()


def _is_ours(path: Path) -> bool:
    """Web servers' own logs rest for a week as they came (docs/privacy.md), and the demo's truth
    is what a demo knows beside."""
    return not {"originals", "truth"} & set(path.parts)


def test_a_bare_hash_would_be_found() -> None:
    sought = Sought([email_sha256(7)])
    raw = bytes.fromhex(email_sha256(7))
    for content in (raw, raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw),
                    base64.b64encode(b"x" + raw), base64.b64encode(b"xy" + raw)):  # fmt: skip
        for before in range(9):
            assert sought.is_in(b"#" * before + content + b" after")
    assert not sought.is_in(bytes.fromhex(email_sha256(8)) * 3)


def test_P38_two_clients_share_no_stored_value(demo_world: Path) -> None:
    settings = Settings(home=demo_world)
    clients = [client.client_id for client in registry.current(settings).clients]
    values = {client_id: _keys(settings, client_id) for client_id in clients}
    assert min(map(len, values.values())) > 100
    shared = {(a, b): len(values[a] & values[b]) for a, b in combinations(clients, 2)}
    print(f"\nP38: {sum(map(len, values.values())):,} keys of {len(clients)} clients: {shared}")
    assert set(shared.values()) == {0}


def _keys(settings: Settings, client_id: str) -> set[object]:
    """Every value that stands for a person, browser or partner cookie in what is published."""
    with open_snapshot(settings, client_id) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where not internal "
            f"and column_name like '{NAMES_A_PERSON}' escape '\\' and data_type = 'BIGINT'"
        ).fetchall()
        assert {name for _, name in columns} >= {"visitor_key", "member_key"}
        found: set[object] = set()
        for table, column in columns:
            rows = connection.execute(f'select distinct "{column}" from "{table}"').fetchall()
            found |= {row[0] for row in rows if row[0] is not None}
    return found
