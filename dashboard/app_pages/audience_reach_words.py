"""Reach in words: which destination, why not the rest."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard import formats
from matchbook.disclosure import LEAST_AT_PARTNER, LEAST_IN_CEP
from matchbook.kept_audiences.overlap import Profile
from matchbook.kept_audiences.reach import CEP, ToldReach

REASONS = {
    "opted_out": "opted out",
    "unsure": "too unsure who clicked: several people use that browser",
    "never_answered": "in CEP, but never clicked or read an e-mail on a browser we know",
    "no_contact": "without a CEP contact",
    "no_cookie": "never seen with its cookie",
    "not_seen_lately": "not seen with its cookie in the last 30 days",
    "shared_cookie": "only with a cookie that too many people share",
}
COVERED = {
    "matched": "Matched with a CRM record",
    "email": "With an e-mail",
    "phone": "With a phone number",
    "postal": "With a postal address",
    "cep_contact": "With a CEP contact",
    "signed_in": "Signed in on a site",
    "partner_cookie": "With a cookie of a partner",
}
LAST_SEEN = {"last_7_days": "this week", "last_30_days": "this month", "before": "earlier"}


def destination(reach: ToldReach, partners: Mapping[str, str]) -> str:
    """`CEP`, or the partner's name."""
    if reach.destination == CEP:
        return "CEP"
    return partners.get(reach.destination, reach.destination)


def unit(reach: ToldReach) -> str:
    """What the destination counts: its own ids."""
    return "contacts" if reach.destination == CEP else "cookie ids"


def reasons(reach: ToldReach) -> list[str]:
    """`820 without a CEP contact`, most people first; and the least that is sent there."""
    said = [
        f"{formats.group(people)} {REASONS.get(code, code.replace('_', ' '))}"
        for code, people in reach.others
    ]
    least = LEAST_IN_CEP if reach.destination == CEP else LEAST_AT_PARTNER
    if reach.ids is None or reach.ids < least:
        said.append(f"Below {least} nothing is sent there.")
    return said


def why_not_the_others(reach: ToldReach) -> str:
    """`The others: 820 without a CEP contact, 310 …`"""
    said = [f"{formats.group(n)} {REASONS.get(code, code)}" for code, n in reach.others]
    return f"The others: {', '.join(said)}." if said else ""


def profile_in_words(profile: Profile) -> str:
    """`Desktop, Chrome · matched · seen this month · active on 2-5 days`."""
    device = profile.device_type.capitalize() or "Unknown device"
    known = "matched" if profile.is_matched else "not recognised"
    if profile.is_cep_reachable:
        known = "reachable in CEP"
    days = profile.days_active.replace("-", "–")
    words = "1 day" if days == "1" else f"{days} days"
    device = ", ".join(part for part in (device, profile.browser) if part)
    return f"{device} · {known} · seen {LAST_SEEN[profile.last_seen]} · active on {words}"
