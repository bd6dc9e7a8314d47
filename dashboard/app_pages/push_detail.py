"""One push: how far it is, what became of its people, the group in CEP, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import formats, identity, navigation
from dashboard.app_pages.push_address import SAID, to_list, to_new
from dashboard.app_pages.push_confirm import push_confirm
from dashboard.app_pages.push_funnel import push_funnel
from dashboard.app_pages.push_partner import at_partner, sending
from dashboard.app_pages.push_words import (
    LOSSES,
    OUTCOMES,
    REFUSALS,
    TROUBLE,
    duration,
    place,
    standing,
    sums_of,
)
from dashboard.components.markup import heading, note, quiet_line
from dashboard.components.notice import error_notice, notice
from dashboard.components.plain_table import plain_table
from dashboard.components.tile import Tile, tiles
from dashboard.queries.reading import View
from dashboard.translate import errors_in_words
from matchbook import jobs
from matchbook.access import Action
from matchbook.errors import MatchbookError
from matchbook.pushes import asking, outbox, targets
from matchbook.pushes.outbox import OPEN, UNCONFIRMED, UNSETTLED, Push
from matchbook.pushes.targets import CEP, Target

WHAT_NOW = (
    "In CEP you find it under its name among the groups. Write to it as to any other group, or let "
    "an automation start when a member is added."
)


def push_detail(view: View, number: str) -> None:
    """One push, as long as it runs drawn anew each second."""
    st.button("← All pushes", type="tertiary", on_click=to_list)
    push = _push(view, number)
    if push is None:
        notice("warning", "There is no push at this address.")
        return
    target = targets.find(view.settings, *push.target)
    assert target is not None, "a push without a target"
    said = st.session_state.pop(SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    heading(target.name, _asked(view, push))
    if push.state in OPEN:
        _running(view, push.push_id)
    elif push.state != UNCONFIRMED:
        _ended(view, push)
    left, right = st.columns([7, 4], gap="large") if push.funnel else (st.container(), None)
    with left:
        if push.state == UNCONFIRMED:
            push_confirm(view, push)
        elif push.state not in OPEN:
            _outcomes(outbox.counts(view.settings, push))
            _read_back(push)
        _group(view, push, target)
        _acts(view, push, target)
    if right is not None:
        with right:
            push_funnel(push.destination, push.funnel or {}, is_refused=push.state == "refused")
    _history(view, push)


def _push(view: View, number: str) -> Push | None:
    found = outbox.of_client(view.settings, view.client.client_id)
    return next((push for push in found if str(push.push_id) == number), None)


def _asked(view: View, push: Push) -> str:
    at = formats.moment(push.asked_at, view.client.time_zone)
    what = {"empty": "Everybody is taken out at", "leave": "Who opted out is taken out at"}
    words = f"{what.get(push.kind, 'Push to')} {place(view.settings, push.destination)}"
    second = f", confirmed by {push.confirmed_by}" if push.confirmed_by else ""
    return f"{words}, asked for {at} by {push.asked_by}{second}"


@st.fragment(run_every="1s")
def _running(view: View, push_id: int) -> None:
    with errors_in_words():
        push = outbox.get(view.settings, push_id)
        if push.state not in OPEN:
            st.rerun()
        sums = sums_of(view.settings, push)
        done = sum(sums.values()) - sums["left"]
        quiet_line(standing(push, view.client.time_zone), "running")
        if push.planned_at is None:
            if not jobs.worker_is_alive(view.settings):
                notice("warning", "Nothing works on it.", "Start the worker:",
                       command="matchbook push --drain")  # fmt: skip
            return
        if push.destination != CEP:
            sending(view, push)
            return
        whole = max(done + sums["left"], 1)
        left = f"{duration(sums['left'])} left" if sums["left"] else "reading back"
        words = f"{formats.count(done)} of {formats.count(done + sums['left'])}, {left}"
        st.progress(done / whole, words)
        _tiles(sums)


def _ended(view: View, push: Push) -> None:
    if push.state == "refused":
        notice("warning", REFUSALS.get(push.reason_code or "", "Too few people."),
               "The group was left as it is; who opted out was taken out.")  # fmt: skip
    elif push.state in TROUBLE:
        notice("error", standing(push, view.client.time_zone) + ".", push.reason or "")
    if push.state not in TROUBLE:
        quiet_line(standing(push, view.client.time_zone), "check")
    _tiles(sums_of(view.settings, push))


def _tiles(sums: dict[str, int]) -> None:
    tiles([
        Tile("Added", formats.count(sums["added"])),
        Tile("Removed", formats.count(sums["removed"])),
        Tile("Not taken", formats.count(sums["not_taken"])),
        *([Tile("To go", formats.count(sums["left"]))] if sums["left"] else []),
    ])  # fmt: skip


def _outcomes(counts: dict[tuple[str, str, str], int]) -> None:
    said: dict[str, int] = {}
    for (_, state, reason), number in counts.items():
        if state in ("confirmed", "rejected"):
            said[reason] = said.get(reason, 0) + number
    rows = [(OUTCOMES.get(r, LOSSES.get(r, r)), formats.count(n)) for r, n in sorted(said.items())]
    if set(said) - {"added", "removed"}:
        plain_table(("What became of them", "Contacts"), rows)


def _read_back(push: Push) -> None:
    found = push.read_back or {}
    if not found.get("read"):
        return
    gone, again = found.get("gone", 0), found.get("removed_again", 0)
    words = f"Read back {formats.plural(found['read'], 'contact')} in CEP: "
    if not gone and not again:
        note(f"{words}all as it should be.")
        return
    left = "had unsubscribed or been taken out there, and are not added again"
    parts = [f"{formats.count(gone)} {left}"] if gone else []
    if again:
        parts.append(f"{formats.count(again)} were still members and were removed again")
    notice("info", f"{words}{'; '.join(parts)}.")


def _group(view: View, push: Push, target: Target) -> None:
    if target.destination != CEP:
        at_partner(view, push, target)
        return
    if target.group_id is None:
        return
    held = f"It holds {formats.plural(target.held, 'contact')} by CEP's own word. "
    notice("check", f"In CEP: group “{target.name}”, no. {target.group_id}.",
           f"{'' if push.state in OPEN else held}{WHAT_NOW}")  # fmt: skip
    if target.follows and target.stopped_at is None:
        note("It is kept up to date after each night.")


def _acts(view: View, push: Push, target: Target) -> None:
    if not identity.may(view.settings, view.client.client_id, Action.PUSH):
        return
    if push.state == "stuck" and push.reason_code in ("name_taken", "group_refused"):
        st.text_input("Another name", value=target.name, max_chars=150, key="push_rename")
        st.button("Use this name", key="push_rename_go", type="primary", on_click=_do,
                  args=(view, "push_rename", lambda: _renamed(view, push, target)))  # fmt: skip
        return
    if push.state == "stuck" and push.reason_code == "lost_group":
        note(f"Its e-mail address in CEP: {target.group_email}")
        st.text_input("The group's number", max_chars=18, key="push_adopt")
        st.button("Use this group", key="push_adopt_go", type="primary", on_click=_do,
                  args=(view, "push_adopt", lambda: _adopted(view, push, target)))  # fmt: skip
        return
    offered: list[tuple[str, Callable[..., None], tuple[Any, ...]]] = []
    if push.state in UNSETTLED or (push.state in OPEN and push.next_attempt_at is not None):
        offered.append(
            ("Try again now", _do, (view, "push_retry", lambda: asking.retry(view.settings, push)))
        )
    if push.state in ("waiting", "running", UNCONFIRMED):
        offered.append(
            ("Cancel", _do, (view, "push_cancel", lambda: asking.cancel(view.settings, push)))
        )
    offered.append(("Prepare another push", to_new, (push.audience_id,)))
    width = 4 if push.funnel else 3
    places = st.columns([width] * len(offered) + [max(12 - width * len(offered), 1)])
    for place_of, (label, act, args) in zip(places, offered, strict=False):
        with place_of:
            st.button(label, key=f"push_do_{label}", width="stretch", on_click=act, args=args)
    if push.reason_code in ("credentials", "no_log_in", "expired", "inactive"):
        navigation.link("integrations", "Integrations", identity.label(view.settings, view.client))


def _do(view: View, what: str, act: Callable[[], None]) -> None:
    try:
        with identity.acting(view.settings, view.client.client_id, Action.PUSH, what):
            act()
    except MatchbookError as error:
        st.session_state[SAID] = error


def _renamed(view: View, push: Push, target: Target) -> None:
    asking.rename(view.settings, target, str(st.session_state.get("push_rename", "")))
    asking.retry(view.settings, push)


def _adopted(view: View, push: Push, target: Target) -> None:
    asking.adopt(view.settings, target, str(st.session_state.get("push_adopt", "")))
    asking.retry(view.settings, push)


def _history(view: View, push: Push) -> None:
    earlier = outbox.of_target(view.settings, push.target)[::-1]
    if len(earlier) < 2:
        return
    heading("Pushes of this audience")
    zone = view.client.time_zone
    rows = []
    for one in earlier[:20]:
        sums = sums_of(view.settings, one)
        numbers = [formats.count(sums[name]) for name in ("added", "removed", "not_taken")]
        rows.append(
            [formats.moment(one.asked_at, zone), one.asked_by, standing(one, zone), *numbers]
        )
    plain_table(("Asked", "By", "", "Added", "Removed", "Not taken"), rows)
