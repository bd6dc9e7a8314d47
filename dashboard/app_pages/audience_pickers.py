"""Fields that several kinds of condition have: a value with what there is, a comparison, days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import formats
from dashboard.queries.audience_values import Offer
from matchbook.audiences.conditions import LONGEST_LOOK_BACK

OPERATORS = {"equals": "is", "starts_with": "starts with", "contains": "contains"}


def offered(label: str, offers: Sequence[Offer], value: str, *, key: str, new: bool = True) -> str:
    """Choose among real values with their people, or type another; empty until chosen."""
    names = {o.value: f"{o.name} · {formats.group(o.people)} people" for o in offers}
    options = list(names) if not value or value in names else [value, *names]
    chosen = st.selectbox(
        label,
        options,
        index=options.index(value) if value else None,
        format_func=lambda option: names.get(option, option),
        key=f"{key}_value",
        accept_new_options=new,
        placeholder="Choose or type" if new else "Choose",
    )
    return str(chosen or "")


def match_fields(
    label: str, offers: Sequence[Offer], before: dict[str, Any], *, key: str
) -> dict[str, Any]:
    """How a text is compared, and with what."""
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left:
        operator = st.selectbox(
            label, list(OPERATORS), index=list(OPERATORS).index(before["operator"]),
            format_func=OPERATORS.__getitem__, key=f"{key}_operator", filter_mode=None,
        )  # fmt: skip
    with right:
        value = offered("Value", offers, before["value"], key=key)
    return {"operator": operator, "value": value}


def days_field(before: dict[str, Any], look_back: int, key: str) -> int | None:
    """A look-back of its own, or the audience's."""
    found: int | None = st.number_input(
        "In the last days", 1, LONGEST_LOOK_BACK, before.get("days"), key=f"{key}_days",
        placeholder=f"{look_back}, the default",
    )  # fmt: skip
    return found
