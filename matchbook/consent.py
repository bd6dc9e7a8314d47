"""The consent decision: one function for the collector and for log ingest.

Denied unless a valid signal or a recorded declaration says yes. A signal that came empty,
broken or as a placeholder counts as `gdpr=1` without consent: whoever sends it meant to say
something, so a declaration does not stand in for it. `gdpr_pd` is deprecated and not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from matchbook import tcf

ERASE = "erase"
"""In place of a basis: a withdrawal that also asks to erase what is stored about the browser."""

_PLACEHOLDER = re.compile(r"\$?\{.*\}|%%.*%%|\[.*\]|<.*>")


@dataclass(frozen=True)
class Signals:
    """What one call said about consent; None means the parameter was absent."""

    gdpr: str | None = None
    gdpr_consent: str | None = None
    gpc: bool = False
    """`Sec-GPC: 1` was sent."""
    opted_out: bool = False
    """The browser carries our opt-out cookie, or this call is the opt-out itself."""
    link_consent: str | None = None
    """`consent=` of a signed e-mail link: "1" when the contact's own flag says yes."""
    declared: bool = False
    """The site, publisher or client has a recorded declaration for this kind of call."""
    vendor_id: int | None = None
    """Our vendor id at IAB Europe, as registered; without it no TC string can be judged."""
    at: datetime | None = None
    """When the call came, UTC; a TC string is judged as of then."""


@dataclass(frozen=True)
class Decision:
    """`tracked` with its basis, or not, with the reason; `withdraws` for a refusal."""

    tracked: bool
    basis: str | None = None
    """tcf | declared | link_consent | gdpr_not_applicable, when tracked."""
    reason: str | None = None
    """opted_out | gpc | no_consent | unexpanded_macro | tc_no_vendor_id or a reason of
    `matchbook.tcf`, when not tracked."""
    withdraws: bool = False
    """An explicit refusal: a browser with our cookie is suppressed from here on."""


def decide(signals: Signals) -> Decision:
    """Whether a call may be tracked, and on what basis."""
    if signals.opted_out:
        return Decision(tracked=False, reason="opted_out", withdraws=True)
    if signals.gpc:
        return Decision(tracked=False, reason="gpc", withdraws=True)
    by_string = _by_tc_string(signals)
    if by_string is not None and not by_string.tracked:
        return by_string
    if signals.link_consent not in (None, "1"):
        return Decision(tracked=False, reason="no_consent")
    if by_string is not None:
        return by_string
    if signals.link_consent == "1":
        return Decision(tracked=True, basis="link_consent")
    if signals.gdpr == "0":
        return Decision(tracked=True, basis="gdpr_not_applicable")
    if signals.declared:
        return Decision(tracked=True, basis="declared")
    return Decision(tracked=False, reason="no_consent")


def _by_tc_string(signals: Signals) -> Decision | None:
    """What `gdpr` and `gdpr_consent` decide; None where the GDPR is not said to apply."""
    if signals.gdpr == "0" or (signals.gdpr is None and signals.gdpr_consent is None):
        return None
    text = signals.gdpr_consent or ""
    if _PLACEHOLDER.fullmatch(text or signals.gdpr or ""):
        return Decision(tracked=False, reason="unexpanded_macro")
    if not text:
        return Decision(tracked=False, reason="no_consent")
    if signals.vendor_id is None or signals.at is None:
        return Decision(tracked=False, reason="tc_no_vendor_id")
    verdict = tcf.judge(text, signals.vendor_id, signals.at)
    if verdict.allows:
        return Decision(tracked=True, basis="tcf")
    return Decision(tracked=False, reason=verdict.reason, withdraws=verdict.is_refusal)
