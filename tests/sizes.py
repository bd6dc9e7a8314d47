"""The two sizes of a promise that holds wherever something happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def a_few_now(values: Iterable[Any], *now: Any) -> list[Any]:
    """Parameters: those of `now` in `make test`, the others in `make proof`."""
    found = list(values)
    assert set(now) <= set(found)
    return [
        value if value in now else pytest.param(*_each(value), marks=pytest.mark.proof)
        for value in found
    ]


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
