"""Where an audience stands in the URL: `?audience=<id>`; `?new=<template>` before a save."""

from __future__ import annotations

import streamlit as st

AUDIENCE, NEW = "audience", "new"
SAID = "audience_said"
"""What a pressed button has to say on the next page."""


def shown() -> tuple[str, str]:
    """The audience and the template asked for; both empty on the list."""
    return st.query_params.get(AUDIENCE, ""), st.query_params.get(NEW, "")


def to_audience(audience_id: str) -> None:
    """Open a saved one."""
    st.query_params.pop(NEW, None)
    st.query_params[AUDIENCE] = audience_id


def to_new(template: str) -> None:
    """Begin another."""
    st.query_params.pop(AUDIENCE, None)
    st.query_params[NEW] = template


def to_list() -> None:
    """Back to all of them."""
    for name in (AUDIENCE, NEW):
        st.query_params.pop(name, None)
