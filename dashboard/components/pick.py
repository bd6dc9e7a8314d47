"""Our own HTML in which whatever has `data-pick` can be pressed: the page hears which it was.

For grids of many small things, where a Streamlit button each would be slow and look it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.components.markup import escape

SCRIPT = """
export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector(".mb-pick");
  if (box.dataset.shown !== data.html) {
    box.innerHTML = data.html;
    box.dataset.shown = data.html;
  }
  box.onclick = (event) => {
    const pressed = event.target.closest("[data-pick]");
    if (!pressed) return;
    setTriggerValue("pressed", pressed.dataset.pick);
    if (!data.goto) return;
    const look = () => document.getElementById(data.goto)?.scrollIntoView(
      { behavior: "smooth", block: "start" });
    setTimeout(look, 600);
  };
}
"""


def pick(html: str, *, key: str, on_pick: Callable[[str], None], goto: str = "") -> None:
    """Draw `html`, escaped by whoever made it, and call `on_pick` with what was pressed.

    `goto` is the id of the element that tells more; the page scrolls to it.
    """

    def pressed() -> None:
        said = getattr(st.session_state.get(key), "pressed", None)
        if said:
            on_pick(str(said))

    _component()(data={"html": html, "goto": goto}, key=key, on_pressed_change=pressed)


def pressable(inner: str, value: str, label: str = "", *, classes: str = "") -> str:
    """A button as HTML around `inner`, which is HTML too; `label` says it to those who hear it.

    A card that says it all by itself needs none.
    """
    head = f'<button type="button" class="mb-press {classes}" data-pick="{escape(value)}"'
    if not label:
        return f"{head}>{inner}</button>"
    said = escape(label)
    return (
        f'{head} title="{said}"><span class="mb-unseen">{said}</span>'
        f'<span aria-hidden="true">{inner}</span></button>'
    )


def _component() -> Callable[..., Any]:
    # Registered on each run: Streamlit forgets components when its runtime starts anew.
    return st.components.v2.component(
        "matchbook_pick", html='<div class="mb-pick"></div>', js=SCRIPT, isolate_styles=False
    )
