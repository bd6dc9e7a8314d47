"""The one place where our errors become words on a page: no traceback, no SQL, no path."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.components.notice import error_notice, notice
from matchbook.errors import MatchbookError, SnapshotOutdated
from matchbook.log import place_of

_SAID = "outdated_said"


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Around the page, and around each fragment: Streamlit keeps what those raise."""
    try:
        yield
    except MatchbookError as error:
        error_notice(error)


def begin_page() -> None:
    """Nothing has been said on this page yet."""
    st.session_state[_SAID] = False


def unforeseen(error: Exception) -> bool:
    """What nobody foresaw: a number on the page, and where it happened in the log."""
    number = secrets.token_hex(4)
    logging.getLogger("matchbook.dashboard").error(
        "unforeseen", extra={"reason": number, "place": place_of(error)}
    )
    notice("error", "Something went wrong on this page.", "Nothing was changed by looking at it. "
           f"Tell whoever runs Matchbook: error {number}.")  # fmt: skip
    return True


@contextmanager
def as_far_as_built() -> Iterator[None]:
    """Around a part of a page whose mart may be missing in a snapshot from before an update.

    The rest of the page is drawn; what to do is said once, however many parts are missing.
    """
    try:
        yield
    except SnapshotOutdated as error:
        if not st.session_state.get(_SAID):
            st.session_state[_SAID] = True
            notice("warning", error.happened, f"{error.kept} {error.todo}")
