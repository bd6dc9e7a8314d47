"""Pushes: what runs and waits, one push with its people, and the screen that begins one."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.opening import open_page
from dashboard.app_pages.push_detail import push_detail
from dashboard.app_pages.push_list import push_list
from dashboard.app_pages.push_new import push_new
from dashboard.translate import as_far_as_built

PUSH, AUDIENCE = "push", "audience"


def page() -> None:
    """The page."""
    view = open_page("Pushes")
    if view is None:
        return
    number, audience = st.query_params.get(PUSH, ""), st.query_params.get(AUDIENCE, "")
    with as_far_as_built():
        if number:
            push_detail(view, number)
        elif audience:
            push_new(view, audience)
        else:
            push_list(view)
