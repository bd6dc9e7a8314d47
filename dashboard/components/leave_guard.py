"""While something is not saved, the browser asks before it closes or reloads the page."""

from __future__ import annotations

import streamlit as st

SCRIPT = """
const ask = (event) => event.preventDefault();
export default function ({ data }) {
  window.removeEventListener("beforeunload", ask);
  if (data.on) window.addEventListener("beforeunload", ask);
  return () => window.removeEventListener("beforeunload", ask);
}
"""


def leave_guard(*, is_on: bool) -> None:
    """Nothing to see; the browser's own question, in its own words."""
    # Registered on each run: Streamlit forgets components when its runtime starts anew.
    guard = st.components.v2.component("matchbook_leave_guard", html="<i></i>", js=SCRIPT)
    guard(data={"on": is_on}, key="leave_guard", height="content")
