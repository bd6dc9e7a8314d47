"""Where pushes stand in the URL: `?push=<number>`; `?audience=<id>` before one was begun."""

from __future__ import annotations

import streamlit as st

SAID = "push_said"
"""What a pressed button has to say on the next page."""


def to_push(push_id: int) -> None:
    """Open one."""
    st.query_params.pop("audience", None)
    st.query_params["push"] = str(push_id)


def to_new(audience_id: str) -> None:
    """The screen that pushes an audience."""
    st.query_params.pop("push", None)
    st.query_params["audience"] = audience_id


def to_list() -> None:
    """Back to all of them."""
    for name in ("audience", "push"):
        st.query_params.pop(name, None)
