"""The one place where our errors become words on a page: no traceback, no SQL, no path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.components.notice import error_notice
from matchbook.errors import MatchbookError


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Around the page, and around each fragment: Streamlit keeps what those raise."""
    try:
        yield
    except MatchbookError as error:
        error_notice(error)
