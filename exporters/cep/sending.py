"""Members one by one: each intent is noted as sent before its call, and settled after it.

A call without a clear answer leaves its person unknown; the next attempt first looks up whether
they are a member, and calls again only where that is not what was wanted.
"""

from __future__ import annotations

from exporters.cep.answers import Busy, NotSent, Refused, Stopped, Unclear
from exporters.cep.run import Paused, Run
from matchbook.failpoints import failpoint
from matchbook.pushes import outbox
from matchbook.pushes.outbox import Intent

AT_ONCE = 25
"""Intents noted as sent in one step; after a crash so many are looked up needlessly at most."""
TRIES = 3
"""After so many calls for one person without a clear answer the others do not wait any more."""


def settle_doubts(run: Run, group_id: int) -> None:
    """Look up everybody of whom it is not known whether their call took effect."""
    doubts = outbox.intents(run.settings, run.push, "sent", "unknown")
    for intent in doubts:
        run.breathe()
        word, reason = _looked_up(run, group_id, intent)
        if word == "planned" and intent.attempts >= TRIES:
            word, reason = "rejected", "no_answer"
        outbox.settle(run.settings, run.push, intent, word, reason)


def send_all(run: Run, group_id: int) -> None:
    """Call for everybody who is planned."""
    while some := outbox.intents(run.settings, run.push, "planned", limit=AT_ONCE):
        outbox.begin(run.settings, run.push, some)
        failpoint("push.begun")
        for place, intent in enumerate(some):
            try:
                run.breathe()
                _send(run, group_id, intent)
            except Unclear:
                outbox.take_back(run.settings, run.push, some[place + 1 :])
                raise
            except (Busy, NotSent, Stopped, Paused):  # this one has not been done either
                outbox.take_back(run.settings, run.push, some[place:])
                raise


def _send(run: Run, group_id: int, intent: Intent) -> None:
    try:
        word, reason = _called(run, group_id, intent)
    except Unclear:
        outbox.settle(run.settings, run.push, intent, "unknown", None)
        raise
    failpoint("push.answered")
    outbox.settle(run.settings, run.push, intent, word, reason)
    failpoint("push.settled")


def _called(run: Run, group_id: int, intent: Intent) -> tuple[str, str]:
    try:
        if intent.action == "add":
            run.cep.add(intent.contact_id, group_id)
            return "confirmed", "added"
        run.cep.remove(intent.contact_id, group_id)
        return "confirmed", "removed"
    except Refused as refused:
        return _outcome(refused, intent.action)


def _outcome(refused: Refused, action: str) -> tuple[str, str]:
    if refused.lacks("Group"):
        raise Stopped("no_group")
    if refused.lacks("User"):
        return ("rejected" if action == "add" else "confirmed"), "not_in_cep"
    if action == "add" and refused.code == "OBJECT_ALREADY_EXISTS":
        return "confirmed", "already_member"
    if action == "add" and refused.code == "BLACKLISTED":
        return "rejected", "blacklisted"
    if action == "remove" and refused.lacks("Membership"):
        return "confirmed", "left"
    return "rejected", "refused" if action == "add" else "not_removed"


def _looked_up(run: Run, group_id: int, intent: Intent) -> tuple[str, str | None]:
    try:
        is_member = run.cep.is_member(intent.contact_id, group_id)
    except Refused as refused:
        if refused.lacks("Group"):
            raise Stopped("no_group") from None
        if not refused.lacks("User"):
            raise Stopped("contract") from None
        return ("rejected" if intent.action == "add" else "confirmed"), "not_in_cep"
    if is_member == (intent.action == "add"):
        return "confirmed", "added" if is_member else "removed"
    return "planned", None
