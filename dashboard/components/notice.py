"""Notices: something a person should know or do."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dashboard.components.markup import escape
from dashboard.icons import icon
from matchbook.errors import MatchbookError

Tone = Literal["info", "check", "warning", "error"]


def notice(tone: Tone, text: str, what_to_do: str = "", *, command: str = "") -> None:
    """A sentence, what to do about it, and the command if there is one."""
    todo = f" {escape(what_to_do)}" if what_to_do else ""
    code = f" <code>{escape(command)}</code>" if command else ""
    st.html(
        f'<div class="mb-notice mb-{tone}" role="status">{icon(tone)}'
        f"<div><strong>{escape(text)}</strong>{todo}{code}</div></div>"
    )


def error_notice(error: MatchbookError) -> None:
    """What happened, what was kept and what to do, as the error itself says it."""
    happened, kept, todo = error.told
    notice("error", happened, f"{kept} {todo}")
