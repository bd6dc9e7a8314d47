"""Hashes of a column as bytes, whichever way they are written."""

from __future__ import annotations

import base64
from hashlib import md5, sha256

import pyarrow as pa
import pytest

from matchbook.crm_files.hashes import read_digests

A, B = sha256(b"a").hexdigest(), sha256(b"b").hexdigest()


@pytest.mark.parametrize("cells", [[A, "", B.upper()], ["", ""], [], [A]])
def test_plain_columns(cells: list[str]) -> None:
    digests, reasons, is_plain = read_digests(pa.array(cells, pa.string()))
    assert digests.to_pylist() == [bytes.fromhex(text) or None for text in cells]
    assert (reasons, is_plain) == ({}, True)


def test_a_slice_of_a_column() -> None:
    digests, _, _ = read_digests(pa.array(["x", A, B], pa.string())[1:])
    assert digests.to_pylist() == [bytes.fromhex(A), bytes.fromhex(B)]


@pytest.mark.parametrize("odd", ["x" * 64, "é" * 32, f"{A[:60]} {A[61:]}", A[:-1], "zz"])
def test_bad_cells_have_a_reason_and_no_digest(odd: str) -> None:
    digests, reasons, is_plain = read_digests(pa.array([A, odd, ""], pa.string()))
    assert digests.to_pylist()[1:] == [None, None]
    assert (reasons, is_plain) == ({1: "bad_hash"}, False)


def test_base64_other_algorithms_and_the_hash_of_nothing() -> None:
    base = base64.b64encode(bytes.fromhex(B)).decode()
    cells = [base, base.rstrip("="), md5(b"").hexdigest(), sha256(b"").hexdigest()]
    digests, reasons, _ = read_digests(pa.array(cells, pa.string()))
    assert digests.to_pylist()[:3] == [bytes.fromhex(B)] * 2 + [None]
    assert reasons == {2: "bad_hash_algo", 3: "empty_hash"}
