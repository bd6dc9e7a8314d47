"""Empty states: what is missing and the one thing that helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.components.markup import escape
from dashboard.icons import icon


@dataclass(frozen=True)
class Step:
    """Something to do, and the command that does it, if there is one."""

    text: str
    command: str = ""
    is_done: bool = False


def empty_state(title: str, text: str = "", *, command: str = "") -> None:
    """A friendly box instead of an empty chart."""
    below = f"<p>{escape(text)}</p>" if text else ""
    code = f"<code>{escape(command)}</code>" if command else ""
    st.html(f'<div class="mb-empty"><h3>{escape(title)}</h3>{below}{code}</div>')


def first_steps(title: str, steps: Sequence[Step]) -> None:
    """What to do first, ticked off as it gets done."""
    items = "".join(_step(number, step) for number, step in enumerate(steps, start=1))
    st.html(
        f'<div class="mb-empty"><h3>{escape(title)}</h3><ol class="mb-steps">{items}</ol></div>'
    )


def _step(number: int, step: Step) -> str:
    mark = icon("check") if step.is_done else str(number)
    state = "mb-done" if step.is_done else ""
    command = f"<code>{escape(step.command)}</code>" if step.command else ""
    return (
        f'<li class="{state}"><span class="mb-mark">{mark}</span><span>{escape(step.text)}</span>'
        f"{command}</li>"
    )
