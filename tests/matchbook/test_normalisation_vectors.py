"""Every vector, byte for byte."""

from __future__ import annotations

import base64
import hashlib

import pytest

from matchbook.identifiers import EMPTY_SHA256
from matchbook.normalisation import NotNormal, normalise, sha256_hex
from matchbook.normalisation.junk import is_empty_hash
from tests.normalisation_vectors import Vector, vectors

ALL = vectors()
SLIP = "65 1243 5678"
"""UID2 prints +6512345678 for it: two digits changed places in their document."""

INVALID = [v for v in ALL if v.kind.endswith("_invalid")]
AS_IT_IS = [v for v in ALL if v.kind.endswith("control")]
SHA1 = [v for v in ALL if v.kind == "phone_sha1"]
SLIPS = [v for v in ALL if v.raw == SLIP]
RULES = [v for v in ALL if v not in INVALID + AS_IT_IS + SHA1 + SLIPS]


def named(vector: Vector) -> str:
    return f"{vector.profile or 'bare'}-{vector.kind}-{ALL.index(vector)}"


def test_no_vector_is_left_out() -> None:
    assert len(ALL) == 91
    assert len(RULES + INVALID + AS_IT_IS + SHA1 + SLIPS) == 91
    assert (len(INVALID), len(AS_IT_IS), len(SHA1), len(SLIPS)) == (11, 6, 1, 1)


@pytest.mark.parametrize("vector", RULES, ids=named)
def test_rule(vector: Vector) -> None:
    text = normalise(vector.field, vector.raw, profile=vector.profile, region=vector.region)
    assert text == vector.normalized
    if vector.sha256_hex:
        assert sha256_hex(text) == vector.sha256_hex
        assert base64.b64decode(vector.sha256_base64).hex() == vector.sha256_hex


@pytest.mark.parametrize("vector", INVALID, ids=named)
def test_refused(vector: Vector) -> None:
    with pytest.raises(NotNormal):
        normalise(vector.field, vector.raw, profile=vector.profile, region=vector.region)


@pytest.mark.parametrize("vector", AS_IT_IS, ids=named)
def test_a_hash_of_the_raw_text(vector: Vector) -> None:
    assert vector.normalized == vector.raw
    assert sha256_hex(vector.raw) == vector.sha256_hex
    assert base64.b64decode(vector.sha256_base64).hex() == vector.sha256_hex
    assert is_empty_hash(vector.sha256_hex) == (vector.raw == "")
    if vector.kind == "email_control":
        normal = normalise("email", vector.raw, profile=vector.profile)
        assert sha256_hex(normal) != vector.sha256_hex


def test_the_hash_of_nothing_is_known() -> None:
    assert sha256_hex("") == EMPTY_SHA256


@pytest.mark.parametrize("vector", SHA1, ids=named)
def test_a_partner_whose_phones_are_sha1(vector: Vector) -> None:
    text = normalise("phone", vector.raw, profile="liveramp")
    assert text == vector.normalized
    assert vector.sha256_hex == ""
    printed = "b8e04c986aa87857dfb4d364371d1a4195abf1bb"
    assert hashlib.sha1(text.encode()).hexdigest() == printed


@pytest.mark.parametrize("vector", SLIPS, ids=named)
def test_a_slip_of_the_source_is_not_followed(vector: Vector) -> None:
    assert normalise("phone", vector.raw, profile="uid2", region="SG") == "+6512435678"
    assert normalise("phone", vector.normalized, profile="uid2") == vector.normalized
    assert sha256_hex(vector.normalized) == vector.sha256_hex
    assert base64.b64decode(vector.sha256_base64).hex() == vector.sha256_hex
