"""From an audience to what a push may send, before it and ever after: each step with its loss."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard import formats
from dashboard.app_pages.push_words import LOSSES
from dashboard.components.plain_table import plain_table
from dashboard.components.size_card import SizeStep, size_funnel
from matchbook.disclosure import nested_from_last, part
from matchbook.pushes.targets import CEP, WEBHOOK

CEP_STEPS = (
    ("people", "People in the audience"),
    ("matched", "Known by a CRM record or a CEP contact"),
    ("in_cep", "Recognised CEP contacts"),
    ("allowed", "May be sent"),
)
PARTNER_STEPS = (
    ("people", "People in the audience"),
    ("matched", "Matched with a CRM record"),
    ("allowed", "Cookie ids that may be sent"),
)
WEBHOOK_STEPS = (*PARTNER_STEPS[:2], ("allowed", "Records that may be sent"))


def push_funnel(destination: str, account: Mapping[str, object], *, is_refused: bool) -> None:
    """The steps of an account as it is kept with a push; the last one exact, unless refused.

    Nothing for a push that takes people out only: it has no audience behind it.
    """
    steps = {CEP: CEP_STEPS, WEBHOOK: WEBHOOK_STEPS}.get(destination, PARTNER_STEPS)
    if not all(isinstance(account.get(name), int) for name, _ in steps):
        return
    counts = [int(str(account[name])) for name, _ in steps]
    shown = nested_from_last(counts)
    words = [_word(said, shown[-1], counts[-1], is_refused=is_refused) for said in shown]
    most = shown[0] or counts[0] or 1
    size_funnel(
        [
            SizeStep(label, text, min((said or 0) / most, 1))
            for (_, label), text, said in zip(steps, words, shown, strict=True)
        ],
        "From the audience to the destination",
    )
    _losses(account, counts[0])


def _word(said: int | None, last: int | None, exact: int, *, is_refused: bool) -> str:
    """A step that reads as the last one is written as exactly as that one."""
    return formats.count(exact) if said == last and not is_refused else formats.group(said)


def _losses(account: Mapping[str, object], people: int) -> None:
    lost = account.get("lost")
    if not isinstance(lost, dict) or not lost:
        return
    ordered = sorted(lost.items(), key=lambda pair: -pair[1])
    rows = [(_first_up(LOSSES[why]), formats.group(part(people, n))) for why, n in ordered]
    plain_table(("Not sent", ""), rows)


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
