"""Empty states: what will stand here, what is missing, and the one button that brings it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard import context, identity, navigation
from dashboard.components.markup import escape
from dashboard.icons import icon


@dataclass(frozen=True)
class Button:
    """What brings the missing thing: another page, or something done on this one."""

    label: str
    page: str = ""
    """Module of the page to go to; its filters are in `sets`."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Without a page: what is chosen on this one."""
    on_click: Callable[..., None] | None = None
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Step:
    """Something to do, with its button; or the command that does it, if a page cannot."""

    text: str
    command: str = ""
    is_done: bool = False
    button: Button | None = None


def empty_state(title: str, text: str, button: Button | None = None, *, command: str = "") -> None:
    """A friendly box instead of an empty chart.

    `title` says what is missing, `text` what will stand here. A command stands where only
    whoever runs the machine can help.
    """
    code = f"<code>{escape(command)}</code>" if command else ""
    with st.container(key=f"empty_{_slug(title)}"):
        st.html(f'<div class="mb-empty"><h2>{escape(title)}</h2><p>{escape(text)}</p>{code}</div>')
        if button:
            draw(button, key=f"empty_button_{_slug(title)}")


def first_steps(title: str, text: str, steps: Sequence[Step]) -> None:
    """What to do first, ticked off as it gets done; the first open step has the main button."""
    with st.container(key=f"empty_{_slug(title)}"):
        st.html(f'<div class="mb-empty"><h2>{escape(title)}</h2><p>{escape(text)}</p></div>')
        for number, step in enumerate(steps, start=1):
            left, right = st.columns([4, 1.4], vertical_alignment="center")
            with left:
                st.html(f'<div class="mb-steps">{_step(number, step)}</div>')
            if step.button and not step.is_done:
                with right:
                    draw(step.button, key=f"step_{number}")


def draw(button: Button, *, key: str) -> None:
    """The button: a link to a page, or a press that changes this one."""
    if button.page:
        settings = context.settings()
        client = identity.chosen_client(settings)
        label = identity.label(settings, client) if client else ""
        navigation.link(button.page, button.label, label, **button.sets)
        return
    on_click = button.on_click or st.session_state.update
    args = button.args if button.on_click else (dict(button.sets),)
    st.button(button.label, key=key, on_click=on_click, args=args)


def _step(number: int, step: Step) -> str:
    mark = icon("check") if step.is_done else str(number)
    state = "mb-done" if step.is_done else ""
    done = '<span class="mb-unseen">done</span>' if step.is_done else ""
    command = f"<code>{escape(step.command)}</code>" if step.command and not step.is_done else ""
    return (
        f'<div class="mb-line {state}"><span class="mb-mark">{mark}</span>'
        f"<span>{escape(step.text)}</span>{done}{command}</div>"
    )


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
