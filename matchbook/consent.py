"""The consent decision: one function for the collector and for log ingest.

Denied unless a valid signal or a recorded declaration says yes. TC strings are not
decoded yet, so a call that carries one is not tracked.
"""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True)
class Decision:
    """`tracked` with its basis, or not, with the reason; `withdraws` for a refusal."""

    tracked: bool
    basis: str | None = None
    """declared | link_consent | gdpr_not_applicable, when tracked."""
    reason: str | None = None
    """opted_out | gpc | tc_string_unread | no_consent, when not tracked."""
    withdraws: bool = False
    """An explicit refusal: a browser with our cookie is suppressed from here on."""


def decide(signals: Signals) -> Decision:
    """Whether a call may be tracked, and on what basis."""
    if signals.opted_out:
        return Decision(tracked=False, reason="opted_out", withdraws=True)
    if signals.gpc:
        return Decision(tracked=False, reason="gpc", withdraws=True)
    if signals.gdpr_consent:
        return Decision(tracked=False, reason="tc_string_unread")
    if signals.gdpr == "1":
        return Decision(tracked=False, reason="no_consent")
    if signals.link_consent == "1":
        return Decision(tracked=True, basis="link_consent")
    if signals.link_consent == "0":
        return Decision(tracked=False, reason="no_consent")
    if signals.gdpr == "0":
        return Decision(tracked=True, basis="gdpr_not_applicable")
    if signals.declared:
        return Decision(tracked=True, basis="declared")
    return Decision(tracked=False, reason="no_consent")
