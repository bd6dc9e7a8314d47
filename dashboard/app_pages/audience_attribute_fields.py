"""Fields of a condition on what the CRM says of somebody."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from dashboard.app_pages.audience_pickers import OPERATORS, offered
from dashboard.queries import audience_values as values
from dashboard.queries.reading import View

KNOWN = "known"
TESTS = {
    "text": {**OPERATORS, KNOWN: "is known"},
    "number": {"number": "is between", KNOWN: "is known"},
    "date": {"date": "is between", KNOWN: "is known"},
    "boolean": {"yes": "is yes", "no": "is no", KNOWN: "is known"},
}
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


def attribute_fields(view: View, before: dict[str, Any], key: str) -> dict[str, Any]:
    """Which attribute, and what is asked of it."""
    types = values.attributes(view)
    name_field, test_field = st.columns(2, vertical_alignment="bottom")
    known = [before["name"]] if before["name"] and before["name"] not in types else []
    options = [*types, *known]
    with name_field:
        name = st.selectbox(
            "The CRM's", options, index=options.index(before["name"]) if before["name"] else None,
            key=f"{key}_name", placeholder="Choose a column",
        )  # fmt: skip
    if not name:
        return {"kind": "attribute", "name": "", "test": {"type": KNOWN}}
    tests = TESTS.get(types.get(name, "text"), TESTS["text"])
    before_test = before["test"] if before["name"] == name else {"type": ""}
    asked = _asked(before_test)
    with test_field:
        chosen = st.selectbox(
            "Test", list(tests), index=list(tests).index(asked) if asked in tests else 0,
            format_func=tests.__getitem__, key=f"{key}_{name}_test", filter_mode=None,
        )  # fmt: skip
    test = _test(view, name, str(chosen), before_test, f"{key}_{name}")
    return {"kind": "attribute", "name": name, "test": test}


def _asked(test: dict[str, Any]) -> str:
    """The entry of the menu that a stored test is."""
    if test["type"] == "text":
        return str(test["match"]["operator"])
    if test["type"] == "boolean":
        return "yes" if test["value"] else "no"
    return str(test["type"])


def _test(view: View, name: str, asked: str, before: dict[str, Any], key: str) -> dict[str, Any]:
    if asked in OPERATORS:
        value = before["match"]["value"] if before["type"] == "text" else ""
        chosen = offered("Value", values.of_attribute(view, name), value, key=key)
        return {"type": "text", "match": {"operator": asked, "value": chosen}}
    if asked in ("yes", "no"):
        return {"type": "boolean", "value": asked == "yes"}
    same = before if before["type"] == asked else {}
    if asked == "number":
        return _number(same, key)
    return _date(same, key) if asked == "date" else {"type": KNOWN}


def _number(before: dict[str, Any], key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        low = st.number_input(
            "At least", value=before.get("at_least"), format="%g", key=f"{key}_low",
            placeholder="any",
        )  # fmt: skip
    with right:
        high = st.number_input(
            "At most", value=before.get("at_most"), format="%g", key=f"{key}_high",
            placeholder="any",
        )  # fmt: skip
    return {"type": "number", "at_least": low, "at_most": high}


def _date(before: dict[str, Any], key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        first = _day("Not before", before.get("not_before"), f"{key}_first")
    with right:
        last = _day("Not after", before.get("not_after"), f"{key}_last")
    return {"type": "date", "not_before": first, "not_after": last}


def _day(label: str, value: date | None, key: str) -> date | None:
    found = st.date_input(
        label, value, min_value=EARLIEST, max_value=LATEST, format="DD/MM/YYYY", key=key
    )
    return found if isinstance(found, date) else None
