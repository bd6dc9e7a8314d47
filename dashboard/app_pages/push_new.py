"""Pushing is one screen: where to, as which group, once or from now on, whom, and how long."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from dashboard import formats, identity, navigation
from dashboard.app_pages.push_address import SAID, to_list, to_push
from dashboard.app_pages.push_funnel import push_funnel
from dashboard.app_pages.push_places import does, name_help
from dashboard.app_pages.push_words import ACTIONS, LOSSES, REFUSALS, duration, place
from dashboard.components.markup import heading, note
from dashboard.components.notice import error_notice, notice
from dashboard.components.table import csv_link
from dashboard.components.tile import Tile, tiles
from dashboard.queries.reading import View
from matchbook.access import Action
from matchbook.errors import AudienceInvalid, MatchbookError
from matchbook.kept_audiences import store
from matchbook.kept_audiences.store import Audience
from matchbook.pushes import (
    accounts,
    asking,
    confirming,
    partner_planning,
    planning,
    targets,
    webhook_planning,
)
from matchbook.pushes.planning import Plan
from matchbook.pushes.targets import CEP, WEBHOOK, Target

ONCE, FOLLOW = "Once", "Keep up to date after each night"
LEAVE, EMPTY = "Leave it as it is", "Empty it"
LONG = 50_000
"""From so many calls on it is said that CEP has a faster way."""
NONCE = "push_nonce"
CEP_NAME = "Mapp Digital – Email (CEP)"


def push_new(view: View, audience_id: str) -> None:
    """The screen, or what is missing for it."""
    st.button("← All pushes", type="tertiary", on_click=to_list)
    try:
        audience = store.get(view.settings, view.client.client_id, audience_id)
    except AudienceInvalid:
        notice("warning", "There is no audience at this address.")
        return
    heading(audience.name, "What a push would do, from the audience's last refresh.")
    _say()
    destination = _destination(view)
    if destination is None:
        return
    try:
        plan = _plan(view, audience_id, destination)
    except MatchbookError as error:
        error_notice(error)
        return
    _what_happens(plan)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _form(view, audience, destination, plan)
    with right:
        push_funnel(destination, plan.funnel, is_refused=bool(plan.refusal))
        _rows(view, audience, plan)


def _destination(view: View) -> str | None:
    """Only those that are active; what is missing where none is."""
    offered = asking.destinations(view.settings, view.client.client_id)
    if not offered:
        todo = "Activate Mapp Digital – Email, or a partner's channel."
        notice("info", "No destination is active yet.", todo)
        navigation.link("integrations", "Integrations", identity.label(view.settings, view.client))
        return None
    names = {one: place(view.settings, one) for one in offered} | {CEP: CEP_NAME}
    chosen = str(st.selectbox("Destination", offered, key="push_to", filter_mode=None,
                              format_func=lambda one: names[one]))  # fmt: skip
    account = accounts.find(view.settings, view.client.client_id)
    if chosen == CEP and account is not None and account.problem:
        notice("error", "Mapp CEP has a problem.", account.problem)
    return chosen


def _plan(view: View, audience_id: str, destination: str) -> Plan:
    own = (view.settings, view.client.client_id, audience_id)
    if destination == CEP:
        return planning.plan(*own, with_rows=True)
    if destination == WEBHOOK:
        return webhook_planning.plan(*own)
    return partner_planning.plan(*own, destination)


def _form(view: View, audience: Audience, destination: str, plan: Plan) -> None:
    own = (view.client.client_id, audience.audience_id, destination)
    target = targets.find(view.settings, *own)
    key = f"{audience.audience_id}_{destination}"
    has_group = target is not None and target.group_id is not None
    known = target.name if target else targets.group_name(audience.name)
    number = f"Group no. {target.group_id}. It is renamed in CEP." if has_group and target else ""
    st.text_input(
        "Name of the group in CEP" if destination == CEP else "Name of the audience there",
        value=known, max_chars=150, key=f"push_name_{key}",
        disabled=has_group, help=number or name_help(destination),
    )  # fmt: skip
    st.radio(
        "How often", [ONCE, FOLLOW], key=f"push_rhythm_{key}",
        index=1 if target and target.follows else 0,
    )  # fmt: skip
    _how_long(destination, plan)
    most = confirming.limit(view.settings, view.client.client_id)
    if most is not None and plan.counts["add"] > most:
        note(f"It adds more than {formats.count(most)}: somebody else confirms it before anything "
             "is sent.")  # fmt: skip
    label = "Push to CEP" if destination == CEP else f"Push to {place(view.settings, destination)}"
    st.button(
        label, type="primary", key="push_go", on_click=_push,
        disabled=_is_refused(plan) or not _may_push(view),
        args=(view, audience.audience_id, destination, _nonce(audience, destination, plan)),
    )  # fmt: skip
    if target is not None and target.follows and target.stopped_at is None:
        note("It is kept up to date after each night.")
        if _may_push(view):
            _stop(view, target)


def _how_long(destination: str, plan: Plan) -> None:
    if destination != CEP:
        note(does(destination))
        return
    calls = plan.counts["add"] + plan.counts["remove"]
    note(f"It takes {duration(calls)}: CEP takes ten calls a second. Nobody gets a mail by it.")
    if calls >= LONG:
        notice("info", "That is a long time.", "It goes on by itself, also over a night. Ask Mapp "
               "about an import by file if it has to be faster.")  # fmt: skip


def _what_happens(plan: Plan) -> None:
    if plan.refusal:
        notice("warning", "This audience cannot be pushed.", REFUSALS[plan.refusal])
        return
    tiles([
        Tile("To add", formats.count(plan.counts["add"])),
        Tile("To remove", formats.count(plan.counts["remove"])),
        Tile("Stay", formats.count(plan.counts["stay"])),
    ])  # fmt: skip


def _is_refused(plan: Plan) -> bool:
    return bool(plan.refusal) and not plan.counts["remove"]


def _rows(view: View, audience: Audience, plan: Plan) -> None:
    """Everybody with what happens to them and why: the list that its owner receives."""
    if plan.rows is None or not _may_push(view):
        return
    names = ("contact_id", "action", "reason")
    rows = zip(*(plan.rows[name].to_pylist() for name in names), strict=True)
    cells = [[str(c), ACTIONS[action], LOSSES.get(why or "", "")] for c, action, why in rows]
    file_name = f"push-{audience.audience_id}"[:80]
    note("Everybody, with what happens to them and why:")
    csv_link(view, file_name, ["CEP contact", "What happens", "Why"], cells)


def _stop(view: View, target: Target) -> None:
    with st.popover("Stop"):
        st.radio("The group in CEP", [LEAVE, EMPTY], key="push_stop")
        st.button("Stop now", key="push_stop_now", on_click=_stopped, args=(view, target))


def _stopped(view: View, target: Target) -> None:
    empties = st.session_state.get("push_stop") == EMPTY
    try:
        push = asking.stop(view.settings, target, empties=empties, by=_pusher(view))
    except MatchbookError as error:
        st.session_state[SAID] = error
        return
    if push is not None:
        to_push(push.push_id)
    else:
        st.session_state[SAID] = "Stopped. The group stays as it is."


def _may_push(view: View) -> bool:
    return identity.may(view.settings, view.client.client_id, Action.PUSH)


def _pusher(view: View) -> str:
    return identity.require(view.settings, view.client.client_id, Action.PUSH, about="push").name


def _push(view: View, audience_id: str, destination: str, key: str) -> None:
    # What was typed last arrives together with the click.
    name = str(st.session_state.get(f"push_name_{audience_id}_{destination}", ""))
    follows = st.session_state.get(f"push_rhythm_{audience_id}_{destination}") == FOLLOW
    try:
        push = asking.push(
            view.settings, view.client.client_id, audience_id, destination, name=name,
            follows=follows, key=key, by=_pusher(view),
        )  # fmt: skip
    except MatchbookError as error:
        st.session_state[SAID] = error
        return
    st.session_state.pop(NONCE, None)
    to_push(push.push_id)


def _nonce(audience: Audience, destination: str, plan: Plan) -> str:
    """One push for each time the screen was opened, however often the button is pressed."""
    origin = f"{audience.client_id} {audience.audience_id} {destination} {plan.refresh_id}"
    found = st.session_state.get(NONCE)
    if found is None or not found.startswith(origin):
        found = st.session_state[NONCE] = f"{origin} {uuid4().hex}"
    return str(found)


def _say() -> None:
    said = st.session_state.pop(SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    elif said:
        notice("check", said)
