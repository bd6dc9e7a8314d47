"""Where a matrix comes from: rows are made when they are asked for, and never all held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matchbook.audiences import sampling
from matchbook.lookalikes.features import Feature

Matrix = NDArray[np.float32]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Scores = NDArray[np.float64]

BATCH = 100_000
"""Rows made at a time: 80 MB of 200 features."""


class Source(Protocol):
    """Some people, in a fixed order, and what is known of them."""

    @property
    def features(self) -> tuple[Feature, ...]:
        """What the columns are."""
        ...

    @property
    def keys(self) -> Numbers:
        """The people, ascending."""
        ...

    def rows(self, positions: Numbers) -> Matrix:
        """The rows of some people, by their ascending positions."""
        ...

    def batches(self) -> Iterator[tuple[slice, Matrix]]:
        """Everybody's rows, in order."""
        ...


def draws(keys: Numbers, salt: str) -> Numbers:
    """A stable random number of each person, the same as `sampling.draw`."""
    factor, offset = sampling.mixing(salt)
    mixed: Any = (keys % sampling.PRIME * factor + offset) % sampling.PRIME
    return np.asarray(mixed, dtype=np.int64)


def slices(size: int, step: int = BATCH) -> Iterator[slice]:
    """All positions in pieces."""
    for begin in range(0, size, step):
        yield slice(begin, min(begin + step, size))
