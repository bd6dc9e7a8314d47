"""Pushes in words: how one stands, what became of people and why, how long it takes."""

from __future__ import annotations

from dashboard import formats
from matchbook import partner_channels
from matchbook.pushes import outbox
from matchbook.pushes.outbox import OPEN, UNCONFIRMED, Push
from matchbook.pushes.targets import CEP, WEBHOOK
from matchbook.pushes.turns import CALLS_A_SECOND
from matchbook.settings import Settings

STATES = {
    "waiting": "Waiting for the worker",
    "unconfirmed": "Waits for a second person",
    "running": "Running",
    "cancelling": "Stopping",
    "done": "Done",
    "failed": "Stopped after three tries",
    "stuck": "Needs you",
    "refused": "Nobody was added: too few people",
    "cancelled": "Cancelled",
    "replaced": "Completed by a newer push",
}
TROUBLE = ("failed", "stuck", "refused")
OUTCOMES = {
    "added": "Added",
    "already_member": "Was a member already",
    "removed": "Removed",
    "left": "No member any more: unsubscribed or taken out in CEP. Never added again",
    "not_in_cep": "Not a contact in CEP any more",
    "blacklisted": "On a blacklist in CEP. Never tried again",
    "refused": "Not accepted by CEP",
    "not_removed": "Could not be removed. The next push tries again",
    "no_answer": "CEP gave no clear answer three times. The next push tries again",
}
LOSSES = {
    "no_contact": "without a CEP contact",
    "never_answered": "in CEP, but never clicked or read an e-mail on a browser we know",
    "unsure": "too unsure who clicked: several people use that browser",
    "opted_out": "opted out",
    "held_out": "held out, to compare with",
    "blacklisted": "on a blacklist in CEP",
    "not_in_cep": "not a contact in CEP any more",
    "left": "unsubscribed from the group or taken out in CEP",
    "refused": "not accepted by CEP",
    "not_matched": "not matched with a CRM record",
    "left_audience": "not in the audience any more",
}
REFUSALS = {
    "size<k": "Fewer than 25 contacts in CEP, or 100 cookies at a partner, may be sent. So small a "
    "group is never pushed: it would tell about individuals.",
    "difference<k": "It differs by fewer than 25 contacts from another group that was pushed. The "
    "two together would tell about individuals.",
}
KINDS = {"empty": " · emptied", "leave": " · opt-outs taken out"}
"""Said with the name of what is no push of an audience's people."""
ACTIONS = {"add": "Add", "remove": "Remove", "stay": "Stays", "skip": "Not sent"}


def standing(push: Push, zone: str) -> str:
    """`Running`, `Waits until 03:10: CEP cannot be reached.`, `Done 21 Nov, 03:10`."""
    if push.state in OPEN and push.next_attempt_at is not None:
        at = formats.clock_time(push.next_attempt_at, zone)
        return f"Waits until {at}. {push.reason or ''}".strip()
    words = STATES[push.state]
    if push.ended_at is not None and push.state == "done":
        return f"{words} {formats.moment(push.ended_at, zone)}"
    return words


def outcome_line(sums: dict[str, int]) -> str:
    """`634 added, 12 removed, 6 not taken`."""
    words = (("added", "added"), ("removed", "removed"), ("not_taken", "not taken"))
    said = [f"{formats.count(sums[key])} {word}" for key, word in words if sums[key]]
    return ", ".join(said) or "Nobody had to be added or removed"


def not_begun(push: Push) -> str:
    """What is known of a push before its first call."""
    if push.state != UNCONFIRMED:
        return "Not begun"
    return f"{formats.count(int((push.funnel or {}).get('add', 0)))} to add"


def sums_of(settings: Settings, push: Push) -> dict[str, int]:
    """Added, removed, not taken and to go; a file to a partner goes whole or not at all."""
    if push.destination == CEP:
        return summed(outbox.counts(settings, push))
    funnel = push.funnel or {}
    asked = {"added": int(funnel.get("add", 0)), "removed": int(funnel.get("remove", 0))}
    if push.state == "done" or (push.state == "refused" and push.ended_at is not None):
        return {**asked, "not_taken": int(funnel.get("refused", 0)), "left": 0}
    return {"added": 0, "removed": 0, "not_taken": 0, "left": sum(asked.values())}


def place(settings: Settings, destination: str) -> str:
    """`Mapp CEP`, the partner's name, or `Your own system`."""
    known = {CEP: "Mapp CEP", WEBHOOK: "Your own system"}
    return known.get(destination) or partner_channels.partner(destination).name


def summed(counts: dict[tuple[str, str, str], int]) -> dict[str, int]:
    """Added, removed, not taken and still to do, of a push's outcomes."""
    sums = {"added": 0, "removed": 0, "not_taken": 0, "left": 0}
    places = {"add": "added", "remove": "removed"}
    for (action, state, _), number in counts.items():
        if action == "check" or state == "dropped":
            continue
        place = {"confirmed": places[action], "rejected": "not_taken"}.get(state, "left")
        sums[place] += number
    return sums


def duration(calls: int) -> str:
    """`about 2 minutes`, `about 2.8 hours`: one call for each person, ten a second."""
    seconds = calls / CALLS_A_SECOND
    if seconds < 60:
        return "less than a minute"
    if seconds < 90 * 60:
        return f"about {formats.plural(round(seconds / 60), 'minute')}"
    return f"about {formats.decimals(seconds / 3600, 1)} hours"
