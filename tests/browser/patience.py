"""While a script runs, Streamlit shows new parts of a page beside the old ones.

Of a button there are two for a moment: whoever meets two waits until one is left. Two that stay are
told as ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from playwright.sync_api import Error, Locator, LocatorAssertions

ACTS = (
    "check", "click", "dblclick", "fill", "get_attribute", "hover", "inner_text", "input_value",
    "press", "select_option", "set_input_files", "text_content", "uncheck", "wait_for",
)  # fmt: skip
TWO = "strict mode violation"
SECONDS = 10.0


def be_patient(patch: pytest.MonkeyPatch) -> None:
    """Let all acts on a part of a page, and all expectations of one, wait so."""
    for act in ACTS:
        patch.setattr(Locator, act, _waiting(getattr(Locator, act)))
    for act in (name for name in dir(LocatorAssertions) if name.startswith(("to_", "not_to_"))):
        patch.setattr(LocatorAssertions, act, _waiting(getattr(LocatorAssertions, act)))


def _waiting(act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def patient(*arguments: Any, **named: Any) -> Any:
        until = time.monotonic() + SECONDS
        while True:
            try:
                return act(*arguments, **named)
            except (AssertionError, Error) as error:
                if TWO not in str(error) or time.monotonic() > until:
                    raise
            time.sleep(0.2)

    return patient
