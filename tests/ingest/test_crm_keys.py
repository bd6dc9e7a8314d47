"""Columns of hashes are keyed as each hash by itself is."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pyarrow as pa
import pytest

from ingest.crm_keys import keyed
from matchbook.identifiers import identifier_key, identifier_keys
from matchbook.keys import Keys

HASHES = [sha256(str(number).encode()).hexdigest() for number in range(7)]


@pytest.mark.parametrize("versions", [1, 2, 3])
def test_a_column_is_keyed_like_its_values(versions: int) -> None:
    keys = Keys(tuple(bytes([n]) * 32 for n in range(1, versions + 1)), (), ())
    alone = [identifier_key(keys, "phone", value) for value in HASHES]
    column = pa.chunked_array([digests(HASHES[:3]), digests(["ff" * 32, *HASHES[3:]])[1:]])
    assert keyed(keys, "phone", column).to_pylist() == alone
    assert identifier_keys(keys, "phone", HASHES) == alone


def test_one_key_is_plain_hmac() -> None:
    keys = Keys((b"k" * 32,), (), ())
    wanted = hmac.new(b"k" * 32, b"email\0" + bytes.fromhex(HASHES[0]), sha256).hexdigest()
    assert identifier_keys(keys, "email", HASHES[:1]) == [wanted]


def test_an_empty_column_stays_empty() -> None:
    keys = Keys((b"k" * 32,), (), ())
    for column in (
        pa.chunked_array([], pa.binary(32)),
        pa.chunked_array([digests([])]),
    ):
        assert keyed(keys, "email", column).to_pylist() == []


def digests(hashes: list[str]) -> pa.FixedSizeBinaryArray:
    return pa.array(map(bytes.fromhex, hashes), pa.binary(32))
