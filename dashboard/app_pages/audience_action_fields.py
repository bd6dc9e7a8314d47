"""Fields of what people did: which action, how often, when, and what came after."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app_pages.audience_kinds import DONE
from dashboard.app_pages.audience_pickers import days_field, match_fields
from dashboard.queries import audience_values as values
from dashboard.queries.reading import View

NARROWED = {
    "page": "page", "section": "section", "site": "site", "event": "event", "message": "e-mail",
}  # fmt: skip
PLACES = ("page", "section", "site")
OF = {
    "visited": PLACES, "event": ("event", *PLACES), "identified": ("site", "section"),
    "called": ("site", "section"), "clicked": ("message", "site"), "read": ("message",),
    "clicked_or_read": ("message",),
}  # fmt: skip
"""What narrows an action down on the screen; a stored one may have more, and keeps it."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ALL_DAY = (0, 24)


def did_fields(
    view: View, before: dict[str, Any], key: str, look_back: int, _own_id: str
) -> dict[str, Any]:
    """Did something at least so often."""
    action = action_fields(view, before["action"], key)
    least, counted, days = st.columns(3, vertical_alignment="bottom")
    with least:
        at_least = st.number_input("At least", 1, 10_000, before["at_least"], key=f"{key}_n")
    with counted:
        ways = ["times", "days"]
        way = st.selectbox(
            "Counted in", ways, index=ways.index(before.get("counted", "times")),
            key=f"{key}_counted", filter_mode=None,
        )  # fmt: skip
    with days:
        look = days_field(before, look_back, key)
    when = _moment(before.get("when"), view.client.time_zone, key)
    return {"kind": "did", "action": action, "at_least": at_least, "counted": way,
            "days": look, "when": when}  # fmt: skip


def sequence_fields(
    view: View, before: dict[str, Any], key: str, look_back: int, _own_id: str
) -> dict[str, Any]:
    """One thing, and later another."""
    first = _step(view, "First", before["first"], f"{key}_first")
    then = _step(view, "Then", before["then"], f"{key}_then")
    left, right = st.columns(2)
    with left:
        hours = st.number_input(
            "Within hours", 1, 24 * 400, before["within_hours"], key=f"{key}_hours"
        )
    with right:
        days = days_field(before, look_back, key)
    return {"kind": "sequence", "first": first, "then": then, "within_hours": hours, "days": days}


def action_fields(view: View, before: dict[str, Any], key: str) -> dict[str, Any]:
    """Where and what."""
    what = before["what"]
    known = [name for name in NARROWED if before.get(name) and name not in OF[what]]
    on_offer = [*OF[what], *known]
    chosen = st.multiselect(
        "Only with a certain", on_offer, default=[n for n in on_offer if before.get(n)],
        format_func=NARROWED.__getitem__, key=f"{key}_by", placeholder="Anything counts",
    )  # fmt: skip
    action: dict[str, Any] = {"what": what}
    for name in chosen:
        match = before.get(name) or _begin(name)
        offers = values.of_field(view, name)
        label = NARROWED[name].capitalize()
        action[name] = match_fields(label, offers, match, key=f"{key}_{name}")
    return action


def _begin(name: str) -> dict[str, Any]:
    return {"operator": "contains" if name == "page" else "equals", "value": ""}


def _step(view: View, label: str, before: dict[str, Any], key: str) -> dict[str, Any]:
    what = st.selectbox(
        label, list(DONE), index=list(DONE).index(before["what"]), format_func=DONE.__getitem__,
        key=f"{key}_what",
    )  # fmt: skip
    same = before if what == before["what"] else {"what": what}
    return action_fields(view, same, f"{key}_{what}")


def _moment(before: dict[str, Any] | None, zone: str, key: str) -> dict[str, Any] | None:
    if not st.toggle("Only at certain times", before is not None, key=f"{key}_when"):
        return None
    known = before or {"weekdays": (), "from_hour": ALL_DAY[0], "to_hour": ALL_DAY[1]}
    days, start, end = st.columns([3, 1, 1])
    with days:
        weekdays = st.multiselect(
            "Days of the week", range(7), default=list(known["weekdays"]),
            format_func=WEEKDAYS.__getitem__, key=f"{key}_weekdays", placeholder="Every day",
            help=f"Times in {zone}.",
        )  # fmt: skip
    with start:
        first = st.number_input("From hour", 0, 23, known["from_hour"], key=f"{key}_from")
    with end:
        last = st.number_input("To hour", 1, 24, known["to_hour"], key=f"{key}_to")
    return {"weekdays": tuple(weekdays), "from_hour": first, "to_hour": last}
