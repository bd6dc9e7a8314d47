"""The fields of one condition, by its kind. Each gives the condition back as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.app_pages import audience_action_fields as actions
from dashboard.app_pages.audience_attribute_fields import attribute_fields
from dashboard.app_pages.audience_draft import Row
from dashboard.app_pages.audience_kinds import KINDS, begin, kind_of
from dashboard.app_pages.audience_lists import list_field
from dashboard.app_pages.audience_pickers import days_field, match_fields, offered
from dashboard.queries import audience_values as values
from dashboard.queries.audience_values import Offer
from dashboard.queries.reading import View
from matchbook.kept_audiences.sizes import overview

Condition = dict[str, Any]
SINCE = {"first_seen": "first seen", "last_seen": "last seen", "uploaded": "first uploaded"}
TOTALS = {
    "page_views": "page views", "days_active": "active days", "clicks": "e-mail clicks",
    "reads": "e-mails read online", "events": "events", "identifies": "sign-ins",
    "hits": "calls of any kind",
}  # fmt: skip
IS = {
    "cep_reachable": "reachable in CEP",
    "cep_contact": "linked to a CEP contact",
    "matched": "matched with a CRM record",
}
HAS, HAS_NOT = "has", "has not"


def edit(view: View, row: Row, look_back: int, *, own_id: str) -> None:
    """Draw a condition's fields, and take what is in them into the row."""
    key = f"audience_{row.uid}"
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left:
        has = st.selectbox(
            "Who", [HAS, HAS_NOT], index=0 if row.has else 1, key=f"{key}_has", filter_mode=None
        )
    with right:
        kind = st.selectbox(
            "What", list(KINDS), index=list(KINDS).index(kind_of(row.condition)),
            format_func=KINDS.__getitem__, key=f"{key}_kind",
        )  # fmt: skip
    row.has = has == HAS
    if kind != kind_of(row.condition):
        row.condition = begin(str(kind))
    fields = _FIELDS[row.condition["kind"]]
    row.condition = fields(view, row.condition, f"{key}_{kind}", look_back, own_id)


def _since(_view: View, before: Condition, key: str, *_: Any) -> Condition:
    left, right = st.columns(2)
    with left:
        what = _one_of("Was", SINCE, before["what"], f"{key}_what")
    with right:
        days = st.number_input("In the last days", 1, 400, before["days"], key=f"{key}_days")
    return {"kind": "since", "what": what, "days": days}


def _total(_view: View, before: Condition, key: str, *_: Any) -> Condition:
    left, right = st.columns(2)
    with left:
        least = st.number_input("At least", 1, 1_000_000_000, before["at_least"], key=f"{key}_n")
    with right:
        what = _one_of("Of", TOTALS, before["of"], f"{key}_of")
    return {"kind": "total", "of": what, "at_least": least}


def _uses(view: View, before: Condition, key: str, *_: Any) -> Condition:
    offers = values.of_field(view, before["what"])
    match = match_fields("Which", offers, before["match"], key=key)
    return {"kind": "uses", "what": before["what"], "match": match}


def _seen_by(view: View, before: Condition, key: str, look_back: int, *_: Any) -> Condition:
    left, right = st.columns(2)
    with left:
        partner = offered(
            "Partner", values.of_field(view, "partner"), before["partner"], key=key, new=False
        )
    with right:
        days = days_field(before, look_back, key)
    return {"kind": "seen_by", "partner": partner, "days": days}


def _is(_view: View, before: Condition, key: str, *_: Any) -> Condition:
    return {"kind": "is", "what": _one_of("Is", IS, before["what"], f"{key}_what")}


def _attribute(view: View, before: Condition, key: str, *_: Any) -> Condition:
    return attribute_fields(view, before, key)


def _in_audience(
    view: View, before: Condition, key: str, _look_back: int, own_id: str
) -> Condition:
    offers = [
        Offer(told.audience.audience_id, told.audience.name, told.people)
        for told in overview(view.settings, view.client.client_id)
        if told.audience.audience_id != own_id
    ]
    chosen = offered("Audience", offers, before["audience"], key=key, new=False)
    return {"kind": "in_audience", "audience": chosen}


def _on_list(view: View, before: Condition, key: str, *_: Any) -> Condition:
    return {"kind": "on_list", "list": list_field(view, before["list"], key)}


def _in_share(_view: View, before: Condition, key: str, *_: Any) -> Condition:
    percent = st.number_input(
        "Per cent of all people", 0.1, 100.0, float(before["percent"]), step=5.0, format="%g",
        key=f"{key}_percent", help="The same people every time, drawn once for this condition.",
    )  # fmt: skip
    return {"kind": "in_share", "percent": percent, "salt": before["salt"]}


def _one_of(label: str, words: dict[str, str], value: str, key: str) -> str:
    return str(
        st.selectbox(
            label, list(words), index=list(words).index(value), format_func=words.__getitem__,
            key=key, filter_mode=None,
        )
    )  # fmt: skip


_FIELDS: dict[str, Callable[[View, Condition, str, int, str], Condition]] = {
    "did": actions.did_fields,
    "sequence": actions.sequence_fields,
    "since": _since,
    "total": _total,
    "uses": _uses,
    "seen_by": _seen_by,
    "is": _is,
    "attribute": _attribute,
    "in_audience": _in_audience,
    "on_list": _on_list,
    "in_share": _in_share,
}
