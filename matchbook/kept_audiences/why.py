"""Why somebody is, or is not, in an audience: condition by condition, and never what they did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow.compute as pc

from matchbook import audit
from matchbook.audiences import Definition, explain
from matchbook.audiences.conditions import Condition
from matchbook.audiences.definition import All, AnyOf, Node, Not, boxes
from matchbook.audiences.sentences import Named, sentence
from matchbook.kept_audiences import members, refreshes, store
from matchbook.kept_audiences.names import named
from matchbook.kept_audiences.worlds import Opened, open_world
from matchbook.reading import select
from matchbook.settings import Settings

_PERSON = "select member_key, is_suppressed from people where crm_record_id = ?"


@dataclass(frozen=True)
class Answer:
    """One condition and whether it holds."""

    box: str
    """enter or leave."""
    text: str
    holds: bool


@dataclass(frozen=True)
class Why:
    """What is known of one CRM record and one audience."""

    verdict: str
    """In one sentence."""
    is_in: bool
    """As of the last refresh."""
    entered_at: datetime | None
    is_held_out: bool
    conditions: tuple[Answer, ...]
    """As of the published build; none for a person nobody has seen."""


def why(settings: Settings, client_id: str, audience_id: str, record_id: str, *, by: str) -> Why:
    """Say why a CRM record is, or is not, in an audience; the question is logged.

    Raises AudienceInvalid for an unknown audience, SnapshotUnavailable before the first build.
    """
    audience = store.get(settings, client_id, audience_id)
    audit.record(settings, actor=by, client_id=client_id, action="audience_why", subjects=1)
    with open_world(settings, client_id) as opened:
        found = select(opened.connection, _PERSON, [record_id]).fetchall()
        if not found:
            return _absent("No browser is known to be this record's, so no audience has it.")
        ((member_key, is_suppressed),) = found
        if is_suppressed:
            return _absent("This person has opted out, and counts in no audience.")
        answers, qualifies = _answers(
            opened, audience.definition, member_key, named(settings, client_id)
        )
    row = _row(settings, client_id, audience_id, member_key)
    is_in = row is not None and not row["is_expired"]
    return Why(
        verdict=_verdict(qualifies, row),
        is_in=is_in,
        entered_at=row["entered_at"] if row else None,
        is_held_out=bool(is_in and row and row["is_held_out"]),
        conditions=answers,
    )


def _answers(
    opened: Opened, definition: Definition, member_key: int, called: Named
) -> tuple[tuple[Answer, ...], bool]:
    reasons = explain(definition, member_key, opened.world, opened.connection)
    asked = [
        (box, condition, has or definition.count_each_browser)
        for box, tree in boxes(definition).items()
        for condition, has in _asked(tree)
    ]
    answers = tuple(
        Answer(
            box,
            sentence(condition, definition.look_back_days, has=has, named=called),
            one.holds == has,
        )
        for (box, condition, has), one in zip(asked, reasons.conditions, strict=True)
    )
    return answers, bool(reasons.qualifies)


def _asked(node: Node) -> Iterator[tuple[Condition, bool]]:
    """Each condition in the order of `walk`, with *has* or *has not* as the page says it.

    Where each browser is judged by itself, one may have what another has not: there the page's
    *has not* is answered as *has*.
    """
    if isinstance(node, Not) and not isinstance(node.of, All | AnyOf | Not):
        yield node.of, False
    elif isinstance(node, Not):
        yield from _asked(node.of)
    elif isinstance(node, All | AnyOf):
        for child in node.of:
            yield from _asked(child)
    else:
        yield node, True


def _row(
    settings: Settings, client_id: str, audience_id: str, member_key: int
) -> dict[str, Any] | None:
    refresh = refreshes.newest(settings, client_id, done=True).get(audience_id)
    if refresh is None:
        return None
    rows = members.read(settings, client_id, audience_id, refresh.file_name)
    found = rows.filter(pc.equal(rows["member_key"], member_key)).to_pylist()
    return found[0] if found else None


def _verdict(qualifies: bool, row: dict[str, Any] | None) -> str:
    if row is None:
        if qualifies:
            return "Meets the conditions, and enters at the next refresh."
        return "Is not in the audience: the conditions are not met."
    if row["is_expired"]:
        return "Was in it until the time ran out; comes back after having left the conditions once."
    if row["is_held_out"]:
        return "Is in the audience, and held out of every push."
    if not qualifies:
        return "Is in the audience: entered earlier, and has met no condition to leave."
    return "Is in the audience."


def _absent(verdict: str) -> Why:
    return Why(verdict, is_in=False, entered_at=None, is_held_out=False, conditions=())
