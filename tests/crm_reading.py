"""Reading a text as a CRM file, for the tests of the verifier."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from matchbook.crm_files import CrmBatch, CrmFile, open_crm_file
from matchbook.errors import InputRejected


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


A, B = digest("a@example.com"), digest("b@example.com")


def read(
    tmp_path: Path, data: str | bytes, *, mode: str = "opt-in"
) -> tuple[CrmFile, list[CrmBatch]]:
    path = tmp_path / "customers.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with open_crm_file(path, mode=mode) as file:
        batches = list(file.batches())
    assert file.lines == file.accepted + file.rejected.total()
    return file, batches


def refusal(tmp_path: Path, data: str | bytes, *, mode: str = "opt-in") -> InputRejected:
    with pytest.raises(InputRejected) as refused:
        read(tmp_path, data, mode=mode)
    return refused.value


def records(batches: list[CrmBatch]) -> list[tuple[int, str | None, int | None]]:
    return [tuple(row.values()) for batch in batches for row in batch.rows.to_pylist()]


def hashes(batches: list[CrmBatch]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for batch in batches:
        for column, table in batch.identifiers.items():
            found.setdefault(column.name, []).extend(
                digest.hex() for digest in table["sha256"].to_pylist()
            )
    return found


def rejects(batches: list[CrmBatch]) -> list[tuple[int, str]]:
    return [tuple(row.values()) for batch in batches for row in batch.rejects.to_pylist()]


def attributes(batches: list[CrmBatch]) -> dict[str, list[str]]:
    return {
        column.name: table["value"].to_pylist()
        for batch in batches
        for column, table in batch.attributes.items()
    }
