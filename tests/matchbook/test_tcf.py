"""TC strings: what allows us, what does not and why; nothing raises, nothing takes long."""

from __future__ import annotations

import csv
import random
import re
import time
from datetime import datetime, timedelta
from pathlib import Path

import iab_tcf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchbook import tcf
from tests.tc_strings import ALLOW, FIXTURES, GIVEN, VENDOR, encoded, flipped, tc_string

AT = datetime(2026, 11, 20, 10)
SAMPLE = "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA"
HOSTILE = {
    "ranges": encoded("000010" + "0" * 207 + "0" * 16 + "1" + "1" * 12 + "00" * 12_000),
    "restrictions": encoded("000010" + "0" * 207 + "0" * 34 + "1" * 12 + "0" * 24_000),
    "largest-field": encoded("000010" + "0" * 207 + "1" * 16 + "0" + "1" * 24_000),
    "declared-only": encoded("000010" + "0" * 207 + "1" * 100),
    "dots": "." * tcf.MAX_LENGTH,
}


def reason(text: str, vendor_id: int = VENDOR, at: datetime = AT) -> str | None:
    verdict = tcf.judge(text, vendor_id, at)
    assert verdict.allows == (verdict.reason is None)
    return verdict.reason


@pytest.mark.parametrize("case", FIXTURES)
def test_written_down_strings(case: str) -> None:
    text, why, is_refusal = FIXTURES[case]
    assert tcf.judge(text, VENDOR, AT) == tcf.Verdict(why is None, why, is_refusal)


def test_sample_of_the_iab_is_read_and_outdated() -> None:
    assert reason(SAMPLE, at=datetime(2025, 7, 1)) == "tc_outdated"


CASES = {
    "bits": ({}, None),
    "ranges": ({"as_ranges": True}, None),
    "many-vendors": ({"vendors": range(1, 1600), "disclosed": range(1, 1600)}, None),
    "purpose-1-alone": ({"purposes": (1,)}, None),
    "version-1": ({"version": 1}, "tc_outdated"),
    "version-3": ({"version": 3}, "tc_unreadable"),
    "policy-3": ({"policy": 3}, "tc_outdated"),
    "policy-4": ({"policy": 4}, None),
    "no-disclosed-vendors": ({"disclosed": None}, "tc_outdated"),
    "others-disclosed": ({"disclosed": (19, 21)}, "tc_not_disclosed"),
    "others-in-ranges": ({"vendors": (19, 21), "as_ranges": True}, "tc_no_vendor"),
    "not-allowed-by-publisher": ({"restrictions": [(1, 0, [(10, 30)])]}, "tc_restricted"),
    "by-legitimate-interest-only": ({"restrictions": [(1, 2, [(20, 20)])]}, "tc_restricted"),
    "consent-required-anyway": ({"restrictions": [(1, 1, [(20, 20)])]}, None),
    "another-purpose-restricted": ({"restrictions": [(2, 0, [(20, 20)])]}, None),
    "another-vendor-restricted": ({"restrictions": [(1, 0, [(21, 25)])]}, None),
    "second-restriction": ({"restrictions": [(2, 0, [(1, 9)]), (1, 0, [(20, 20)])]},
                           "tc_restricted"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_field_counts(case: str) -> None:
    fields, why = CASES[case]
    assert reason(tc_string(**fields)) == why


@pytest.mark.parametrize(
    ("fields", "is_refusal"),
    [
        pytest.param({"purposes": (3, 4)}, True, id="purpose-1"),
        pytest.param({"vendors": ()}, True, id="vendor"),
        pytest.param({"purposes": (), "purpose_one_treatment": True}, False, id="never-asked"),
        pytest.param({"vendors": (), "disclosed": ()}, False, id="never-told-about-us"),
        pytest.param({"purposes": (), "policy": 2}, False, id="outdated"),
        pytest.param({"restrictions": [(1, 0, [(20, 20)])]}, False, id="the-publishers-word"),
    ],
)
def test_only_a_persons_own_word_is_a_refusal(fields: dict, is_refusal: bool) -> None:
    verdict = tcf.judge(tc_string(**fields), VENDOR, AT)
    assert (verdict.allows, verdict.is_refusal) == (False, is_refusal)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        pytest.param(-2, "tc_unreadable", id="from-the-future"),
        pytest.param(-1, None, id="another-time-zone"),
        pytest.param(390, None, id="thirteen-months"),
        pytest.param(391, "consent_expired", id="older"),
        pytest.param(400, "consent_expired", id="CO07"),
    ],
)
def test_consent_has_an_age(days: int, why: str | None) -> None:
    day = datetime(GIVEN.year, GIVEN.month, GIVEN.day, 12) + timedelta(days=days)
    assert reason(tc_string(), at=day) == why
    refusal = tcf.judge(tc_string(vendors=()), VENDOR, day)
    assert refusal.is_refusal == (why is None)


DAMAGED = {
    "empty": "",
    "not-base64": ALLOW.replace("Q", "é"),
    "plus-and-slash": "C+/" + ALLOW[3:],
    "padding": ALLOW + "=",
    "blank": ALLOW + " ",
    "line-end": ALLOW + "\n",
    "no-core": ".IAMAAAEA",
    "half-segment": ALLOW[:-3],
    "last-bits-of-core": ALLOW.replace("AAAAAA.", "AAAAAB."),
    "10-kB": ALLOW + "A" * 10_000,
    "10-kB-of-segments": ALLOW + ".YAAA" * 2_000,
    "range-backwards": tc_string(restrictions=[(1, 0, [(30, 10)])]),
    "vendor-zero": tc_string(restrictions=[(1, 0, [(0, 30)])]),
}


@pytest.mark.parametrize("case", DAMAGED, ids=lambda case: f"CO05-{case}")
def test_damaged_strings_are_not_consent(case: str) -> None:
    assert reason(DAMAGED[case]) == "tc_unreadable"


@pytest.mark.parametrize("text", [ALLOW, tc_string(as_ranges=True)], ids=["bits", "ranges"])
def test_truncated_strings_are_not_consent(text: str) -> None:
    core = text.index(".")
    for length in range(len(text)):
        assert reason(text[:length]) in ("tc_unreadable", "tc_outdated"), length
    for length in range(core - 1):  # the last character of the core is padding
        assert reason(text[:length] + text[core:]) is not None, length


def test_a_flipped_bit_gives_what_the_string_then_says() -> None:
    for bit in range(6 * len(ALLOW)):
        text = flipped(ALLOW, bit)
        if tcf.judge(text, VENDOR, AT).allows:
            core, disclosed = text.split(".")
            said = iab_tcf.decode_v2(core)
            assert said.is_purpose_allowed(1)
            assert said.is_vendor_allowed(VENDOR)
            assert said.is_service_specific
            assert said.tcf_policy_version >= 4
            assert iab_tcf.decode_v2(f"{core}.{disclosed}").oob_disclosed_vendors[VENDOR]


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_strings_take_no_time(case: str) -> None:
    text = HOSTILE[case][: tcf.MAX_LENGTH]
    tcf.judge(ALLOW, VENDOR, AT)
    taken = []
    for _ in range(5):
        tcf._said.cache_clear()
        started = time.thread_time()
        assert reason(text) is not None
        taken.append(time.thread_time() - started)
    assert min(taken) < 0.005


def test_strings_are_remembered_within_bounds() -> None:
    tcf._said.cache_clear()
    for number in range(5_000):
        reason(f"{ALLOW}.{number}")
    assert tcf._said.cache_info().currsize <= 4096


def test_strings_seen_in_the_wild(public_data: Path) -> None:
    with (public_data / "h08_tcf/tc_strings_hand.csv").open(newline="") as file:
        found = [row["tc_string"] for row in csv.DictReader(file)]
    assert len(found) == 23
    verdicts = {text: reason(text) for text in found}
    (current,) = [text for text in found if tcf.judge(text, VENDOR, AT).allows]
    said = iab_tcf.decode_v2(current)
    for vendor_id in range(1, said.max_consent_vendor_id + 10):
        named = said.is_vendor_allowed(vendor_id) and said.is_purpose_allowed(1)
        told = said.oob_disclosed_vendors.get(vendor_id, False)
        assert (reason(current, vendor_id) is None) == (named and told)
    assert {why for why in verdicts.values() if why} == {
        "tc_outdated", "tc_unreadable", "consent_expired",
    }  # fmt: skip


def fuzz(count: int) -> None:
    random_ = random.Random(7)
    seeds = [tc_string(as_ranges=r, vendors=range(1, 60)) for r in (True, False)] + [ALLOW, SAMPLE]
    slowest = 0.0  # of processor time: other work on the machine does not count
    for _ in range(count):
        text = random_.choice(seeds)
        for _ in range(random_.randrange(1, 6)):
            place = random_.randrange(len(text) + 1)
            cut = random_.choice((0, 1, 1, 1, 30))
            text = text[:place] + random_.choice("AB_-+/.=Q9é") * cut + text[place + 1 :]
        started = time.thread_time()
        verdict = tcf.judge(text, VENDOR, AT)
        slowest = max(slowest, time.thread_time() - started)
        assert not verdict.allows or re.fullmatch(r"[A-Za-z0-9._-]+", text)
    print(f"{count:,} strings, the slowest took {slowest * 1e3:.2f} ms")


def test_mutated_strings_never_raise() -> None:
    fuzz(2_000)


@pytest.mark.proof
def test_a_hundred_thousand_mutated_strings_never_raise() -> None:
    fuzz(100_000)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200), vendor_id=st.integers(1, 65_535))
def test_any_text_is_judged(text: str, vendor_id: int) -> None:
    assert reason(text, vendor_id) is not None
