"""Naming people: by hashes that go no further, in every version of the key."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from matchbook.erasure import people
from matchbook.errors import InputRejected
from matchbook.identifiers import identifier_key, key_versions
from matchbook.keys import Keys

KEYS = Keys(identifiers=(b"1" * 32, b"2" * 32, b"3" * 32), cookie=(), links=())
HASH = hashlib.sha256(b"anna").hexdigest()


def versions(kind: str) -> list[str]:
    some = [Keys(KEYS.identifiers[:n], (), ()) for n in (1, 2, 3)]
    return [identifier_key(keys, kind, HASH) for keys in some]


def test_a_hash_is_known_in_every_version() -> None:
    found = people.person(KEYS, record=" 7 ", contact="0012", hashes=[("email", HASH.upper())])
    keys = [("identifier", key) for key in versions("email")]
    assert found == [("record", "7"), ("cep_contact", "12"), *keys]
    assert key_versions(KEYS, "email", versions("email")[0], above=1) == versions("email")[1:]
    assert key_versions(KEYS, "email", versions("email")[2], above=3) == []


@pytest.mark.parametrize("given", [
    {"contact": "12a"}, {"contact": "0"}, {"contact": str(2**63)}, {"record": "x" * 201},
    {"hashes": [("email", "anna@example.com")]},
], ids=str)  # fmt: skip
def test_what_can_name_nobody_is_refused_unquoted(given: dict[str, object]) -> None:
    with pytest.raises(InputRejected) as refused:
        people.person(KEYS, **given)  # type: ignore[arg-type]
    assert "anna" not in str(refused.value)


def test_a_file_names_a_person_a_row(tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    file.write_text(f"crm_record_id,phone_sha256,why\n7,{HASH},asked\n8,,asked\n")
    first, second = people.read(file, KEYS)
    assert first == [("record", "7"), *(("identifier", key) for key in versions("phone"))]
    assert second == [("record", "8")]


@pytest.mark.parametrize(("content", "said"), [
    ("name\nAnna\n", "none of the columns"),
    ("crm_record_id,email_sha256\n7,\n,\n", "Line 3 names nobody"),
    ("crm_record_id,email_sha256\n7,anna\n", "Line 2: What was given is not a SHA-256"),
])  # fmt: skip
def test_a_bad_file_is_refused_by_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "requests.csv"
    file.write_text(content)
    with pytest.raises(InputRejected, match=said):
        people.read(file, KEYS)
