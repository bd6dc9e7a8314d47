"""A button that copies the page's address: it holds all filters, so it is the view.

Its script also mends Streamlit's menu: the groups stand between the list and its items, which a
screen reader takes for a broken list.
"""

from __future__ import annotations

import streamlit as st

SCRIPT = """
const mend = () => document
  .querySelectorAll('[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] li')
  .forEach((item) => item.setAttribute("role", "none"));

export default function ({ parentElement }) {
  mend();
  if (!window.matchbookMends) {
    window.matchbookMends = new MutationObserver(mend);
    window.matchbookMends.observe(document.body, { childList: true, subtree: true });
  }
  const button = parentElement.querySelector("button");
  const copied = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      return true;
    } catch {
      return false;
    }
  };
  button.onclick = async () => {
    button.textContent = (await copied()) ? "Link copied" : "Copy it from the address bar";
    setTimeout(() => (button.textContent = "Copy link"), 2500);
  };
}
"""


def copy_link() -> None:
    """At the top right of every page."""
    # Registered on each run: Streamlit forgets components when its runtime starts anew.
    component = st.components.v2.component(
        "matchbook_copy_link",
        html='<button type="button" class="mb-copy" aria-live="polite">Copy link</button>',
        js=SCRIPT,
        isolate_styles=False,
    )
    with st.container(key="copy_link"):
        component(key="copy_this_link")
