"""What a call can say about consent, in all combinations, and what follows from it.

`is_allowed` is written from the promise, not from the code: nothing is tracked unless
something valid says yes and nothing says no.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

from matchbook.consent import Signals
from tests.tc_strings import ALLOW, FIXTURES, VENDOR, tc_string

AT = datetime(2026, 11, 20, 10, 5, 3, tzinfo=UTC)
STRINGS: dict[str | None, str] = {
    ALLOW: "yes",
    tc_string(as_ranges=True): "yes",
    FIXTURES["no-purpose-1"][0]: "refusal",
    FIXTURES["no-vendor"][0]: "refusal",
    FIXTURES["not-disclosed"][0]: "invalid",
    FIXTURES["policy-2"][0]: "invalid",
    tc_string(given=datetime(2025, 10, 16).date()): "invalid",
    tc_string(restrictions=[(1, 0, [(VENDOR, VENDOR)])]): "invalid",
    ALLOW[:-4]: "invalid",
    "${GDPR_CONSENT_123}": "invalid",
    "": "invalid",
    None: "absent",
}
"""TC strings and what they say to vendor 20."""
GDPR = ("1", "0", "", "yes", "${GDPR}", None)
LINK = ("1", "0", "", None)
BOOLS = (False, True)


def combinations() -> Iterator[Signals]:
    """Every combination: 6 x 12 x 4 x 2 x 2 x 2 x 2."""
    values = (GDPR, STRINGS, LINK, BOOLS, BOOLS, BOOLS, (VENDOR, None))
    for gdpr, text, link, gpc, opted_out, declared, vendor_id in product(*values):
        yield Signals(
            gdpr=gdpr, gdpr_consent=text, gpc=gpc, opted_out=opted_out, link_consent=link,
            declared=declared, vendor_id=vendor_id, at=AT,
        )  # fmt: skip


def is_allowed(signals: Signals) -> bool:
    """Whether such a call may set a cookie or make a hit."""
    if signals.gpc or signals.opted_out or signals.link_consent in ("0", ""):
        return False
    if signals.gdpr == "0":
        return True
    if signals.gdpr is None and signals.gdpr_consent is None:
        return signals.declared or signals.link_consent == "1"
    return signals.vendor_id == VENDOR and STRINGS.get(signals.gdpr_consent) == "yes"


def is_refusal(signals: Signals) -> bool:
    """Whether the person said no in so many words."""
    says_no = STRINGS.get(signals.gdpr_consent) == "refusal"
    judged = signals.gdpr != "0" and signals.vendor_id == VENDOR
    return signals.gpc or signals.opted_out or (says_no and judged)
