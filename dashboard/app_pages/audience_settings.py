"""What an audience says of itself, and for how long people stay."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.audience_draft import Draft
from matchbook.audiences.conditions import LONGEST_LOOK_BACK


def more_settings(draft: Draft) -> None:
    """Owner, words, look-back, expiry, holdout, browsers; taken into the draft."""
    with st.expander("Owner, look-back, expiry, holdout"):
        words_of(draft)
        _rules(draft)


def words_of(draft: Draft) -> None:
    """Owner, categories, description."""
    own, key = draft.settings, "_".join(draft.origin)
    left, right = st.columns(2)
    with left:
        own["owner"] = st.text_input("Owner", own["owner"], max_chars=120, key=f"owner_{key}")
    with right:
        chosen = st.multiselect(
            "Categories", list(own["categories"]), default=list(own["categories"]),
            accept_new_options=True, max_selections=20, key=f"categories_{key}",
            placeholder="Type one and press Enter",
        )  # fmt: skip
    own["categories"] = tuple(chosen)
    own["description"] = st.text_area(
        "Description", own["description"], max_chars=2000, height=80, key=f"description_{key}"
    )


def _rules(draft: Draft) -> None:
    own, key = draft.settings, "_".join(draft.origin)
    look_back, expiry, holdout = st.columns(3, vertical_alignment="bottom")
    with look_back:
        own["look_back_days"] = st.number_input(
            "Look-back, days", 1, LONGEST_LOOK_BACK, own["look_back_days"],
            key=f"look_back_{key}", help="For conditions that name no days of their own.",
        )  # fmt: skip
    with expiry:
        own["expires_after_days"] = st.number_input(
            "Expires after days", 1, LONGEST_LOOK_BACK, own["expires_after_days"],
            key=f"expiry_{key}", placeholder="never",
            help="People leave so many days after they entered.",
        )  # fmt: skip
    with holdout:
        own["holdout_percent"] = st.number_input(
            "Holdout, per cent", 0.0, 50.0, float(own["holdout_percent"]), step=1.0, format="%g",
            key=f"holdout_{key}",
            help="A random share that is in the audience and never pushed, always the same people.",
        )  # fmt: skip
    own["count_each_browser"] = st.toggle(
        "Count each browser by itself",
        own["count_each_browser"],
        key=f"browsers_{key}",
        help="Else all browsers of a person are looked at together.",
    )
