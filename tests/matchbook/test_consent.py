"""The consent decision: every combination of what a call can say, and the named cases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.wording import REASONS
from matchbook.consent import Decision, Signals, decide
from tests.consent_cases import AT, combinations, is_allowed, is_refusal
from tests.tc_strings import ALLOW, FIXTURES, VENDOR, tc_string

EXPIRED = tc_string(given=datetime(2025, 10, 16).date())


def decided(**said: object) -> Decision:
    return decide(Signals(**({"vendor_id": VENDOR, "at": AT, "declared": True} | said)))


CASES = {
    "CO01-no-string": ({"gdpr": "1"}, "no_consent"),
    "CO02-unexpanded-macro": ({"gdpr": "1", "gdpr_consent": "${GDPR_CONSENT_123}"},
                              "unexpanded_macro"),
    "CO02-both-unexpanded": ({"gdpr": "${GDPR}", "gdpr_consent": "${GDPR_CONSENT_123}"},
                             "unexpanded_macro"),
    "CO04-no-vendor": ({"gdpr": "1", "gdpr_consent": FIXTURES["no-vendor"][0]}, "tc_no_vendor"),
    "CO04-restricted": (
        {"gdpr": "1", "gdpr_consent": tc_string(restrictions=[(1, 0, [(VENDOR, VENDOR)])])},
        "tc_restricted",
    ),
    "CO05-truncated": ({"gdpr": "1", "gdpr_consent": ALLOW[:30]}, "tc_unreadable"),
    "CO05-version-1": ({"gdpr": "1", "gdpr_consent": "B" + ALLOW[1:]}, "tc_outdated"),
    "CO05-10-kB": ({"gdpr": "1", "gdpr_consent": ALLOW * 180}, "tc_unreadable"),
    "CO07-expired": ({"gdpr": "1", "gdpr_consent": EXPIRED}, "consent_expired"),
    "empty-string": ({"gdpr": "1", "gdpr_consent": ""}, "no_consent"),
    "empty-signals": ({"gdpr": "", "gdpr_consent": ""}, "no_consent"),
    "unknown-gdpr": ({"gdpr": "true"}, "no_consent"),
    "no-vendor-id": ({"gdpr": "1", "gdpr_consent": ALLOW, "vendor_id": None}, "tc_no_vendor_id"),
    "link-says-no": ({"link_consent": "0"}, "no_consent"),
    "link-unfilled": ({"link_consent": "<%consent%>"}, "no_consent"),
    "nothing-said-or-declared": ({"declared": False}, "no_consent"),
    "CO10-gpc": ({"gpc": True, "gdpr_consent": ALLOW}, "gpc"),
    "opted-out": ({"opted_out": True, "gdpr_consent": ALLOW}, "opted_out"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_not_tracked(case: str) -> None:
    said, reason = CASES[case]
    decision = decided(**said)
    assert (decision.tracked, decision.basis, decision.reason) == (False, None, reason)


@pytest.mark.parametrize(
    ("said", "basis"),
    [
        pytest.param({"gdpr": "1", "gdpr_consent": ALLOW}, "tcf", id="tc-string"),
        pytest.param({"gdpr_consent": ALLOW, "declared": False}, "tcf", id="no-gdpr-parameter"),
        pytest.param({"gdpr": "0", "gdpr_consent": EXPIRED}, "gdpr_not_applicable", id="gdpr-0"),
        pytest.param({"gdpr": "0", "vendor_id": None}, "gdpr_not_applicable", id="gdpr-0-alone"),
        pytest.param({}, "declared", id="declared"),
        pytest.param({"link_consent": "1", "declared": False}, "link_consent", id="link"),
    ],
)
def test_tracked(said: dict, basis: str) -> None:
    assert decided(**said) == Decision(tracked=True, basis=basis)


@pytest.mark.parametrize("reason", ["tc_no_purpose", "tc_no_vendor"])
def test_a_string_that_says_no_withdraws(reason: str) -> None:
    (text,) = [text for text, why, _ in FIXTURES.values() if why == reason]
    assert decided(gdpr="1", gdpr_consent=text).withdraws
    assert not decided(gdpr="0", gdpr_consent=text).withdraws


def test_p29_every_combination_decides_as_promised() -> None:
    for signals in combinations():
        decision = decide(signals)
        assert decision.tracked == is_allowed(signals), signals
        assert decision.withdraws == is_refusal(signals), signals
        assert (decision.basis is not None) == decision.tracked
        assert (decision.reason is None) == decision.tracked


def test_every_reason_is_said_in_plain_words() -> None:
    reasons = {decide(signals).reason for signals in combinations()}
    reasons |= {why for _, why in CASES.values()} | {why for _, why, _ in FIXTURES.values()}
    assert reasons - {None} <= REASONS.keys()


def test_the_moment_may_be_naive_or_aware() -> None:
    for moment in (AT, datetime(2026, 11, 20), AT.astimezone(UTC)):
        assert decided(gdpr_consent=ALLOW, at=moment).tracked
